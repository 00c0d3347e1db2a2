# A restic job into a folder of the machine, with a restore test. The agent waits until the first backup is made.
{ lib, ... }:
{
  globalTimeout = 600;
  nodes.clinic = {
    services.restic.backups.daily = {
      repository = "/var/backup/restic";
      passwordFile = "/etc/restic-password";
      paths = [ "/srv/clinic" ];
      initialize = true;
      timerConfig = null;
    };
    environment.etc.restic-password.text = "clinic";
    systemd.tmpfiles.settings.clinic = {
      "/srv/clinic".d.mode = "0755";
      "/srv/clinic/records.txt".f.argument = "a record of the test";
    };
    services.complianceAgent.restoreTest.jobs = [ "daily" ];
    systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
  };
}
