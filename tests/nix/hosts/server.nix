# A server that is also one of its hosts.
{
  services.complianceServer = {
    enable = true;
    listenAddress = "0.0.0.0";
    port = 443;
    openFirewall = true;
    acmeHost = "mcp.example.org";
    clientCaFile = "/run/secrets/clients-ca.crt";
    receiptKeyFile = "/run/secrets/receipt.key";
  };
  security.acme = {
    acceptTerms = true;
    defaults.email = "root@example.org";
    certs."mcp.example.org".listenHTTP = ":80";
  };
  services.complianceAgent = {
    enable = true;
    mcp = {
      url = "https://mcp.example.org";
      caFile = ./server.nix; # any file of this flake: it comes by the store
      clientCertFile = "/run/secrets/agent.crt";
      clientKeyFile = "/run/secrets/agent.key";
    };
  };
}
