# A unit that is easily stopped and a second generation, with an agent that looks every second and may heal both at once.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 7200;
  nodes.clinic =
    { lib, ... }:
    {
      systemd.services.clinic-av.script = "exec sleep infinity";
      services.complianceAgent = {
        pollInterval = lib.mkForce 1;
        remedies.update_to_baseline_generation.mode = "auto";
        checks.patching.maxAgeDays = 3650;
        baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
        settings = {
          remedy_runs_per_hour = 3600;
          rebuild_health_check_timeout = 5;
        };
      };
    };
}
