# Signing key and webhook secret are files of root's, which systemd hands to the agent; the script makes them first.
{
  globalTimeout = 600;
  nodes.clinic = {
    imports = [ ../common/antivirus-unit.nix ];
    services.complianceAgent = {
      signingKeyFile = "/etc/clinic/signing.key";
      integrations.webhook = {
        url = "http://127.0.0.1:8099/hook";
        secretFile = "/etc/clinic/webhook-secret";
        addresses = [ "127.0.0.1" ];
      };
    };
  };
}
