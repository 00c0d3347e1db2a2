# A host that switches generations by order alone, its server, and an operator.
{
  imports = [
    ../common/generations.nix
    ../common/control.nix
  ];
  globalTimeout = 1200;
  nodes.clinic = {
    imports = [ ../common/control-client.nix ];
    services.complianceAgent = {
      checks.patching.maxAgeDays = 3650;
      settings.allow_disruptive_outside_window = false;
    };
  };
}
