# With whom the agent may exchange packets: nobody but this host, the declared addresses of its peers, or, where none is
# declared, anybody. systemd enforces it (IPAddressAllow=, systemd.resource-control(5)).
{ lib, config, ... }:
let
  cfg = config.services.complianceAgent;
  inherit (cfg) integrations metrics;
  isLocal = listen: builtins.match "/.*|127\\..*|localhost:.*|\\[::1].*" listen != null;

  peers = lib.filter (peer: peer.used) [
    {
      option = "mcp";
      used = cfg.mcp.url != null;
      inherit (cfg.mcp) addresses;
    }
    {
      option = "integrations.webhook";
      used = integrations.webhook.url != null;
      inherit (integrations.webhook) addresses;
    }
    {
      option = "integrations.syslog";
      used = integrations.syslog.target != null;
      inherit (integrations.syslog) addresses;
    }
    {
      option = "metrics";
      used = metrics.listen != null && !isLocal metrics.listen;
      inherit (metrics) addresses;
    }
  ];
  declared = lib.concatMap (peer: peer.addresses) peers;
  without = lib.filter (peer: peer.addresses == [ ]) peers;

  port = lib.last (lib.splitString ":" metrics.listen);
in
{
  config = lib.mkIf cfg.enable {
    systemd.services.compliance-agent.serviceConfig =
      if declared != [ ] then
        { IPAddressAllow = [ "localhost" ] ++ declared; }
      else
        lib.optionalAttrs (peers != [ ]) { IPAddressDeny = ""; };

    networking.firewall.allowedTCPPorts = lib.mkIf metrics.openFirewall [ (lib.toInt port) ];

    assertions = [
      {
        assertion = declared == [ ] || without == [ ];
        message = ''
          services.complianceAgent may exchange packets with declared addresses alone, and some peers have none. Write:
          ${lib.concatMapStringsSep "\n" (
            { option, ... }: "  services.complianceAgent.${option}.addresses = [ \"192.0.2.20\" ];"
          ) without}
        '';
      }
      {
        assertion = metrics.openFirewall -> metrics.listen != null && !isLocal metrics.listen;
        message = ''
          services.complianceAgent.metrics.openFirewall opens a port that nobody listens on from elsewhere. Write:
            services.complianceAgent.metrics.listen = "0.0.0.0:9464";
        '';
      }
    ];
  };
}
