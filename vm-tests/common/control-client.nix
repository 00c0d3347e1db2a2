# A host of that control server.
{ lib, config, ... }:
let
  inherit (config.services.complianceAgent) hostId;
in
{
  services.complianceAgent = {
    mcp = {
      url = "https://server:8443";
      caFile = "/etc/clinic/ca.pem";
      clientCertFile = "/etc/clinic/${hostId}.pem";
      clientKeyFile = "/etc/clinic/${hostId}.key";
      addresses = [ "192.168.1.0/24" ];
    };
    orders.allow = [ "update_to_baseline_generation" ];
    settings = {
      order_keys_file = "/etc/clinic/operators.pem";
      receipt_keys_file = "/etc/clinic/receipt.pem";
    };
  };
  systemd.services.compliance-agent.wantedBy = lib.mkForce [ ];
}
