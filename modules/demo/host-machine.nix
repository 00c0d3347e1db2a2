# A host of the demo: NixOS's firewall as nftables, antivirus with a signature of its own, and two spare disks: the script
# makes one a LUKS volume, and mounts the other as it is.
{ config, lib, ... }:
{
  networking.nftables.enable = true;
  systemd.tmpfiles.settings = lib.mkIf config.services.clamav.daemon.enable {
    demo-signatures."/var/lib/clamav/demo.hdb".f = {
      mode = "0644";
      argument = "44d88612fea8a8f36de82e1278abb02f:68:Demo.Eicar";
    };
  };
  services.complianceAgent = {
    pollInterval = 3;
    settings.allow_disruptive_outside_window = true;
    baseline.checks.antivirus.signatures = lib.mkIf config.services.clamav.daemon.enable [
      {
        name = "demo";
        paths = [ "/var/lib/clamav/demo.hdb" ];
      }
    ];
  };
  virtualisation.emptyDiskImages = [
    64
    64
  ];
}
