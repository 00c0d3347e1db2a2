# The antivirus units of `services.clamav` and any that the administrator names, each with the program it must run.
{
  lib,
  config,
  sha256Of,
  dropInsOf,
}:
let
  inherit (config.services) clamav;
  declared = config.services.complianceAgent.checks.antivirus;

  found =
    lib.optional clamav.daemon.enable {
      unit = "clamav-daemon.service";
      executable = "${clamav.package}/bin/clamd";
    }
    ++ lib.optional clamav.updater.enable {
      # A oneshot that its timer starts: what must always be there is the timer.
      unit = "clamav-freshclam.timer";
      executable = null;
    }
    ++ lib.optional clamav.clamonacc.enable {
      unit = "clamav-clamonacc.service";
      executable = "${clamav.package}/bin/clamonacc";
    };

  describe =
    { unit, executable }:
    {
      inherit unit;
      allowed_drop_ins = dropInsOf unit;
    }
    // lib.optionalAttrs (executable != null) { executable = "${executable}"; }
    // lib.optionalAttrs (executable != null && lib.hasPrefix builtins.storeDir "${executable}") {
      sha256 = sha256Of "${executable}";
    };

  database = clamav.daemon.settings.DatabaseDirectory or "/var/lib/clamav";
in
{
  units = map describe (found ++ declared.units);
  rehash_hours = declared.rehashHours;
  signatures = lib.optional (clamav.daemon.enable || clamav.updater.enable) {
    name = "clamav-daily";
    paths = [
      "${database}/daily.cvd"
      "${database}/daily.cld"
    ];
    max_age_hours = declared.maxSignatureAgeHours;
  };
}
