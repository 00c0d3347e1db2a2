# clamd with one signature of the test's own: the EICAR test file's MD5 and size.
{
  globalTimeout = 600;
  nodes.clinic = {
    services.clamav.daemon.enable = true;
    systemd.tmpfiles.settings.clinic-signatures."/var/lib/clamav/clinic.hdb".f = {
      mode = "0644";
      argument = "44d88612fea8a8f36de82e1278abb02f:68:Clinic.Eicar";
    };
    services.complianceAgent.baseline.checks.antivirus.signatures = [
      {
        name = "clinic";
        paths = [ "/var/lib/clamav/clinic.hdb" ];
      }
    ];
    virtualisation.memorySize = 2048;
    vmTest = {
      unit = "clamav-daemon.service";
      scan = "clamdscan --fdpass --no-summary";
    };
  };
}
