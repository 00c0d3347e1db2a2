# The interface of `services.complianceServer`: by itself one server with SQLite that terminates mTLS; on demand behind an
# NGINX and on a PostgreSQL of this host.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  inherit (lib)
    mkEnableOption
    mkOption
    literalExpression
    types
    ;
  cfg = config.services.complianceServer;
  secret = types.externalPath;
in
{
  options.services.complianceServer = {
    enable = mkEnableOption "the compliance control server, which receives and keeps the evidence of many hosts";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ../../pkgs/compliance-server.nix { };
      defaultText = literalExpression "pkgs.callPackage <compliance-agent>/pkgs/compliance-server.nix { }";
      description = "The server's package.";
    };

    listenAddress = mkOption {
      type = types.str;
      default = if cfg.nginx.enable then "0.0.0.0" else "127.0.0.1";
      defaultText = literalExpression ''if nginx.enable then "0.0.0.0" else "127.0.0.1"'';
      example = "0.0.0.0";
      description = "IP address that the server, or NGINX before it, listens on.";
    };

    port = mkOption {
      type = types.port;
      default = if cfg.nginx.enable then 443 else 8443;
      defaultText = literalExpression "if nginx.enable then 443 else 8443";
      description = "Port that the server, or NGINX before it, listens on.";
    };

    openFirewall = mkOption {
      type = types.bool;
      default = false;
      description = "Whether to open the port in this host's firewall, and port 80 where NGINX gets the certificate itself.";
    };

    nginx = {
      enable = mkOption {
        type = types.bool;
        default = false;
        description = ''
          Whether `services.nginx` terminates mTLS and hands requests to the server by a socket that it alone may reach.
          The server then has no network of its own. Without {option}`services.complianceServer.acmeHost` and a
          certificate of your own NGINX gets one by `enableACME`, which needs `security.acme`.
        '';
      };
      hostName = mkOption {
        type = types.nullOr types.str;
        default = cfg.acmeHost;
        defaultText = literalExpression "acmeHost";
        example = "mcp.example.org";
        description = "Name by which hosts call the server: that of the virtual host in `services.nginx.virtualHosts`.";
      };
    };

    postgresql.enable = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether to keep the evidence in PostgreSQL of this host, by its socket and with peer authentication. The user
        `compliance-evidence` owns the database and migrates it before the server starts; the server's own may neither
        change nor remove evidence. For a database elsewhere use `settings.postgresql` instead.
      '';
    };

    databasePasswordFile = mkOption {
      type = types.nullOr secret;
      default = null;
      example = "/run/secrets/database-password";
      description = "Password for the database of `settings.postgresql`, handed over with `LoadCredential=`.";
    };

    clientCaFile = mkOption {
      type = types.path;
      example = literalExpression "./clients-ca.pem";
      description = "Authority (PEM) of the hosts' client certificates. Public: it may be in the store.";
    };

    acmeHost = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "mcp.example.org";
      description = "Takes the certificate of that name from `security.acme.certs`, and starts anew when it is renewed.";
    };

    certFile = mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/run/secrets/mcp.crt";
      defaultText = literalExpression "that of acmeHost";
      description = "The server's certificate and chain (PEM).";
    };

    keyFile = mkOption {
      type = types.nullOr secret;
      default = null;
      example = "/run/secrets/mcp.key";
      defaultText = literalExpression "that of acmeHost";
      description = "Key of the server's certificate (PEM), handed over with `LoadCredential=`.";
    };

    receiptKeyFile = mkOption {
      type = secret;
      example = "/run/secrets/receipt.key";
      description = ''
        Ed25519 key that signs receipts: 32 raw bytes or PKCS#8 PEM, handed over with `LoadCredential=`. Hosts pin its
        public half, so it is made by a person (`compliance-server keys generate`) and kept.
      '';
    };

    operatorKeys = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Ed25519 public keys (SPKI PEM) whose orders may be imported. The private ones never come here.";
    };

    backup = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = ''
          Whether to copy the database, consistently and while it is in use, to a folder that your backup saves: to
          `server.db`, or with {option}`services.complianceServer.postgresql.enable` to `server.dump`, which `pg_restore`
          reads. A database elsewhere is saved there.
        '';
      };
      folder = mkOption {
        type = types.path;
        default = "/var/backup/compliance-server";
        description = "Folder of the copy.";
      };
      calendar = mkOption {
        type = types.str;
        default = "hourly";
        description = "When to copy, in the notation of {manpage}`systemd.time(7)`.";
      };
    };

    settings = mkOption {
      type = types.submodule { freeformType = (pkgs.formats.json { }).type; };
      default = { };
      example = {
        log_level = "debug";
        max_connections = 4096;
      };
      description = ''
        Settings of the server under their own names; they win over what the options above give. The server checks them
        when the host is built. With `postgresql` it uses a database that you set up in the place of its own.
      '';
    };
  };

  config = lib.mkIf (cfg.enable && cfg.acmeHost != null && !cfg.nginx.enable) {
    services.complianceServer =
      let
        inherit (config.security.acme.certs.${cfg.acmeHost}) directory;
      in
      {
        certFile = lib.mkDefault "${directory}/fullchain.pem";
        keyFile = lib.mkDefault "${directory}/key.pem";
      };
    security.acme.certs.${cfg.acmeHost}.reloadServices = [ "compliance-server.service" ];
  };
}
