# A remedy that waits for the maintenance window of another time zone. The script says when that is, then starts the agent.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 900;
  nodes.clinic =
    { lib, ... }:
    {
      systemd.services.clinic-av = {
        wantedBy = [ "multi-user.target" ];
        script = "exec sleep infinity";
      };
      services.complianceAgent = {
        remedies.restart_av_service.mode = "window";
        maintenanceWindow.timeZone = "Asia/Kolkata";
        baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
        settings.allow_disruptive_outside_window = false;
      };
      systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
    };
}
