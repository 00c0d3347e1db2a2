# The default backend, with ports, a trusted interface and a router's chains.
{
  services.complianceAgent.enable = true;
  networking.firewall = {
    allowedTCPPorts = [ 22 ];
    trustedInterfaces = [ "lan0" ];
    extraCommands = "iptables -A nixos-fw -s 192.0.2.0/24 -j nixos-fw-accept";
  };
  networking.nat = {
    enable = true;
    externalInterface = "wan0";
    internalInterfaces = [ "lan0" ];
  };
}
