# A host and the server that it reports to.
{
  imports = [ ../common/control.nix ];
  globalTimeout = 1200;
  nodes.clinic = {
    imports = [ ../common/control-client.nix ];
    # The script sets the clock itself.
    services.timesyncd.enable = false;
  };
}
