# A server, a host like others, whose database is elsewhere and asks for a password.
{
  services.complianceAgent.enable = true;
  services.complianceServer = {
    enable = true;
    clientCaFile = "/run/secrets/clients-ca.crt";
    certFile = "/run/secrets/mcp.crt";
    keyFile = "/run/secrets/mcp.key";
    receiptKeyFile = "/run/secrets/receipt.key";
    databasePasswordFile = "/run/secrets/database-password";
    settings.postgresql.host = "database.example.org";
  };
}
