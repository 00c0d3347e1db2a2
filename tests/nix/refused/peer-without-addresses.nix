# Packets go to declared addresses alone, so that the webhook would never be reached.
{
  services.complianceAgent = {
    enable = true;
    mcp = {
      url = "https://mcp.example.org";
      caFile = "/run/secrets/ca.crt";
      clientCertFile = "/run/secrets/agent.crt";
      clientKeyFile = "/run/secrets/agent.key";
      addresses = [ "192.0.2.10" ];
    };
    integrations.webhook.url = "https://rmm.example.org/hook";
    integrations.webhook.secretFile = "/run/secrets/webhook";
  };
}
