# A unit that is easily stopped, and an agent that looks every second and may heal it as often as it likes.
{ lib, ... }:
{
  globalTimeout = 7200;
  nodes.clinic = {
    systemd.services.clinic-av = {
      wantedBy = [ "multi-user.target" ];
      script = "exec sleep infinity";
    };
    services.complianceAgent = {
      pollInterval = lib.mkForce 1;
      baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
      settings = {
        remedy_runs_per_hour = 3600;
        rebuild_health_check_timeout = 5;
      };
    };
  };
}
