# The default firewall of NixOS.
{
  globalTimeout = 600;
  nodes.clinic.networking.firewall.allowedTCPPorts = [ 22 ];
}
