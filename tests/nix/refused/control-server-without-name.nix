# NGINX does not know by which name it is called; the database is one that anyone may make functions in.
{ pkgs, ... }:
{
  services.complianceServer = {
    enable = true;
    nginx.enable = true;
    postgresql.enable = true;
    clientCaFile = "/run/secrets/clients-ca.crt";
    receiptKeyFile = "/run/secrets/receipt.key";
  };
  services.postgresql.package = pkgs.postgresql_14;
}
