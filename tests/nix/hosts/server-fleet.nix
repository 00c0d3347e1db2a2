# A server behind NGINX, which gets the certificate, with its evidence in PostgreSQL; it is one of its hosts too.
{
  services.complianceServer = {
    enable = true;
    nginx.enable = true;
    nginx.hostName = "mcp.example.org";
    postgresql.enable = true;
    openFirewall = true;
    clientCaFile = "/run/secrets/clients-ca.crt";
    receiptKeyFile = "/run/secrets/receipt.key";
    settings.log_level = "debug";
  };
  services.nginx.enableReload = true; # its configuration is then /etc/nginx/nginx.conf
  security.acme = {
    acceptTerms = true;
    defaults.email = "root@example.org";
  };
  services.complianceAgent.enable = true;
}
