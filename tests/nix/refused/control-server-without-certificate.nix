# Neither behind NGINX nor with a certificate of its own.
{
  services.complianceServer = {
    enable = true;
    clientCaFile = "/run/secrets/clients-ca.crt";
    receiptKeyFile = "/run/secrets/receipt.key";
  };
}
