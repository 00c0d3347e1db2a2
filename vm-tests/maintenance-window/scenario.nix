# A remedy that waits for the maintenance window of another time zone. The script says when that is, then starts the agent.
{
  imports = [ ../common/generations.nix ];
  globalTimeout = 900;
  nodes.clinic = {
    imports = [ ../common/antivirus-unit.nix ];
    services.complianceAgent = {
      remedies.restart_av_service.mode = "window";
      maintenanceWindow.timeZone = "Asia/Kolkata";
      settings.allow_disruptive_outside_window = false;
    };
  };
}
