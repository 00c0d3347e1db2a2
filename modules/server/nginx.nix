# NGINX terminates mTLS and says over the server's socket which certificate it verified.
{ lib, config, ... }:
let
  cfg = config.services.complianceServer;
  ownCertificate = cfg.certFile != null && cfg.keyFile != null;
  acmeByNginx = !ownCertificate && cfg.acmeHost == null;
  address =
    if lib.hasInfix ":" cfg.listenAddress then "[${cfg.listenAddress}]" else cfg.listenAddress;

  credentials = {
    compliance-client-ca = cfg.clientCaFile;
  }
  // lib.optionalAttrs ownCertificate {
    compliance-cert = cfg.certFile;
    compliance-key = cfg.keyFile;
  };
  credential = name: "/run/credentials/nginx.service/${name}";
in
{
  config = lib.mkIf (cfg.enable && cfg.nginx.enable && cfg.nginx.hostName != null) {
    services.nginx = {
      enable = true;
      upstreams.compliance-server = {
        servers."unix:${cfg.settings.proxy_socket}" = { };
        extraConfig = "keepalive 64;";
      };
      virtualHosts.${cfg.nginx.hostName} = {
        listen = lib.mkDefault (
          [
            {
              addr = address;
              inherit (cfg) port;
              ssl = true;
            }
          ]
          ++ lib.optional acmeByNginx {
            addr = address;
            port = 80;
          }
        );
        # The authority of the certificate asks on port 80; everything else is sent on to TLS.
        onlySSL = !acmeByNginx;
        forceSSL = acmeByNginx;
        enableACME = acmeByNginx;
        useACMEHost = lib.mkIf (!ownCertificate) cfg.acmeHost;
        sslCertificate = lib.mkIf ownCertificate (credential "compliance-cert");
        sslCertificateKey = lib.mkIf ownCertificate (credential "compliance-key");
        # Authorities in this one are trusted about clients too, and by itself it is that of the ACME certificate.
        sslTrustedCertificate = credential "compliance-client-ca";
        extraConfig = ''
          ssl_client_certificate ${credential "compliance-client-ca"};
          ssl_verify_client optional; # without one there is /health and the form to sign in
          ssl_session_cache shared:compliance:10m;
          client_max_body_size 2m;
        '';
        locations."/" = {
          proxyPass = "http://compliance-server";
          recommendedProxySettings = false;
          # In the place of anything that the client says of itself (agent/src/server/http/certificate.ts).
          extraConfig = ''
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header x-client-verify $ssl_client_verify;
            proxy_set_header x-client-certificate $ssl_client_escaped_cert;
          '';
        };
      };
    };

    security.acme.certs = lib.mkIf (!ownCertificate && cfg.acmeHost != null) {
      ${cfg.acmeHost}.group = lib.mkDefault config.services.nginx.group;
    };
    networking.firewall.allowedTCPPorts = lib.mkIf (cfg.openFirewall && acmeByNginx) [ 80 ];

    systemd.services.nginx.serviceConfig = {
      LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") credentials;
      SupplementaryGroups = [ "compliance-server" ]; # reaches the socket; all else of the server is its user's alone
    };
  };
}
