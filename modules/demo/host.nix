{
  networking.hostName = "demo-clinic";
  system.stateVersion = "26.05";
  boot.loader.systemd-boot.enable = true;
  boot.initrd.luks.devices.root.device = "/dev/disk/by-partlabel/root";
  fileSystems = {
    "/" = {
      device = "/dev/mapper/root";
      fsType = "ext4";
    };
    "/boot" = {
      device = "/dev/disk/by-partlabel/esp";
      fsType = "vfat";
    };
  };

  services.complianceAgent = {
    enable = true;
    siteId = "demo";
    restoreTest.jobs = [ "home" ];
  };
  services.clamav = {
    daemon.enable = true;
    updater.enable = true;
  };
  services.restic.backups.home = {
    repository = "/srv/backup";
    passwordFile = "/var/lib/backup-password";
    initialize = true;
    paths = [ "/home" ];
  };
}
