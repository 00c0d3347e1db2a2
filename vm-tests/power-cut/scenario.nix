# A host with a remedy and a switch that take long, and the server that it reports to.
{
  imports = [
    ../common/generations.nix
    ../common/control.nix
  ];
  globalTimeout = 1500;
  nodes.clinic = {
    imports = [ ../common/control-client.nix ];
    services.complianceAgent = {
      remedies.update_to_baseline_generation.mode = "auto";
      checks.patching.maxAgeDays = 3650;
      baseline.checks.antivirus.units = [ { unit = "clinic-av.service"; } ];
    };
    # Booted from its own disk: the switch that the power cut ends is the one that the next boot sees.
    virtualisation.useBootLoader = true;
    virtualisation.useEFIBoot = true;
    boot.loader.systemd-boot.enable = true;
    systemd.services.clinic-av = {
      wantedBy = [ "multi-user.target" ];
      preStart = "test ! -e /run/slow || sleep 600";
      script = "sleep infinity";
      serviceConfig.TimeoutStartSec = "infinity";
    };
    system.activationScripts.slow = "test ! -e /run/slow || sleep 600";
  };
}
