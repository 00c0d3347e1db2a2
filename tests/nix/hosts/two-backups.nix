# Two restic jobs with a restore test each, one of them without a timer, and one that is no module's.
{ pkgs, ... }:
{
  services.complianceAgent = {
    enable = true;
    restoreTest.jobs = [
      "home"
      "database"
    ];
    checks.backup.jobs.images = {
      unit = "copy-images.service";
      timer = "copy-images.timer";
    };
  };
  services.restic.backups = {
    home = {
      repository = "/srv/backup/home";
      passwordFile = "/run/secrets/restic";
      paths = [ "/home" ];
    };
    database = {
      repository = "/srv/backup/database";
      passwordFile = "/run/secrets/restic";
      paths = [ "/var/backup/postgresql" ];
      timerConfig = null;
    };
  };
  systemd.services.copy-images = {
    startAt = "daily";
    serviceConfig.ExecStart = "${pkgs.coreutils}/bin/cp -r /srv/images /mnt/images";
  };
}
