# What cannot work is refused when the host is evaluated, with the lines to write.
{ lib, config, ... }:
let
  cfg = config.services.complianceServer;
  postgresql = config.services.postgresql.package.version;
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = !cfg.nginx.enable -> cfg.certFile != null && cfg.keyFile != null;
        message = ''
          services.complianceServer has no certificate. Write one of:
            services.complianceServer.acmeHost = "mcp.example.org";  # of security.acme.certs
            services.complianceServer = { certFile = "/run/secrets/mcp.crt"; keyFile = "/run/secrets/mcp.key"; };
        '';
      }
      {
        assertion = (cfg.certFile == null) == (cfg.keyFile == null);
        message = ''
          services.complianceServer has a certificate without its key, or a key without its certificate. Write:
            services.complianceServer = { certFile = "/run/secrets/mcp.crt"; keyFile = "/run/secrets/mcp.key"; };
        '';
      }
      {
        assertion = cfg.nginx.enable -> cfg.nginx.hostName != null;
        message = ''
          services.complianceServer.nginx is enabled, and nobody knows by which name hosts call it. Write:
            services.complianceServer.nginx.hostName = "mcp.example.org";
        '';
      }
      {
        # Before, everyone might make tables and functions in the schema that the server's own are in.
        assertion = cfg.postgresql.enable -> lib.versionAtLeast postgresql "15";
        message = ''
          services.complianceServer needs PostgreSQL 15 or newer, and this host has ${postgresql}. Write, and migrate what it holds:
            services.postgresql.package = pkgs.postgresql_17;
        '';
      }
    ];
  };
}
