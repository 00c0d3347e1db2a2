# A control server and an operator's computer. The script makes keys and certificates, so nothing starts by itself.
{
  nodes.server =
    { lib, ... }:
    {
      services.complianceAgent.enable = false;
      services.complianceServer = {
        enable = true;
        listenAddress = "0.0.0.0";
        port = 8443;
        openFirewall = true;
        clientCaFile = "/etc/clinic/ca.pem";
        certFile = "/etc/clinic/server.pem";
        keyFile = "/etc/clinic/server.key";
        receiptKeyFile = "/etc/clinic/receipt.key";
        backup.enable = false;
        settings.operator_keys_file = "/etc/clinic/operators.pem";
      };
      systemd.services.compliance-server.wantedBy = lib.mkForce [ ];
    };
  nodes.operator =
    { config, ... }:
    {
      services.complianceAgent.enable = false;
      environment.systemPackages = [ config.services.complianceServer.package ];
    };
}
