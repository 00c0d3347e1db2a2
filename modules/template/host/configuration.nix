{
  # imports = [ ./hardware-configuration.nix ]; # nixos-generate-config makes it
  networking.hostName = "clinic-1";
  system.stateVersion = "26.05";

  services.complianceAgent = {
    enable = true;
    siteId = "north-clinic";
    maintenanceWindow = {
      start = "02:00";
      end = "04:00";
      timeZone = "America/New_York";
    };
  };

  # What three of the six checks look at.
  services.clamav = {
    daemon.enable = true;
    updater.enable = true;
  };
  services.journald.storage = "persistent";
  # services.restic.backups.home = { … };
  # services.complianceAgent.restoreTest.jobs = [ "home" ];
}
