# The control server on a NixOS host: one sandboxed service that serves mTLS itself or a local NGINX.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceServer;
  stateDir = "/var/lib/compliance-server";
  tls = !cfg.nginx.enable;
  database = cfg.settings.postgresql or null;
  # With NGINX before it and its database on this host, it has no network at all.
  isolated = !tls && (database == null || lib.hasPrefix "/" (database.host or "/run/postgresql"));
  lowPort = tls && cfg.port < 1024;
  certificate = lib.optional (tls && cfg.acmeHost != null) "acme-${cfg.acmeHost}.service";

  credentials = {
    receipt-key = cfg.receiptKeyFile;
  }
  // lib.optionalAttrs tls {
    client-ca = cfg.clientCaFile;
    cert = cfg.certFile;
    key = cfg.keyFile;
  }
  // lib.optionalAttrs (cfg.databasePasswordFile != null) {
    database-password = cfg.databasePasswordFile;
  };
  credential = name: "/run/credentials/compliance-server.service/${name}";

  fromOptions = {
    receipt_key_file = credential "receipt-key";
  }
  // lib.optionalAttrs tls {
    listen_address = cfg.listenAddress;
    listen_port = cfg.port;
    client_ca_file = credential "client-ca";
    cert_file = credential "cert";
    key_file = credential "key";
  }
  // lib.optionalAttrs (!tls) { proxy_socket = "/run/compliance-server/server.sock"; }
  // lib.optionalAttrs (!cfg.postgresql.enable) { database_path = "${stateDir}/server.db"; }
  // lib.optionalAttrs (cfg.operatorKeys != [ ]) {
    operator_keys_file = "${pkgs.writeText "operator-keys.pem" (
      lib.concatMapStrings (key: "${lib.trim key}\n") cfg.operatorKeys
    )}";
  };
in
{
  imports = [
    ./options.nix
    ./config-file.nix
    ./assertions.nix
    ./nginx.nix
    ./postgresql.nix
    ./backup.nix
  ];

  config = lib.mkIf cfg.enable {
    services.complianceServer.settings = lib.mkMerge [
      (lib.mapAttrs (_: lib.mkDefault) fromOptions)
      (lib.mkIf (cfg.databasePasswordFile != null) {
        postgresql.password_file = lib.mkDefault (credential "database-password");
      })
    ];

    users.users.compliance-server = {
      description = "Compliance control server";
      isSystemUser = true;
      group = "compliance-server";
      home = stateDir;
    };
    users.groups.compliance-server = { };

    environment.systemPackages = [ cfg.package ];
    environment.etc."compliance-server/config.yaml".source = cfg.file;
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];

    systemd.services.compliance-server = {
      description = "Compliance control server";
      wantedBy = [ "multi-user.target" ];
      wants = lib.optional (!isolated) "network-online.target" ++ certificate;
      after = lib.optional (!isolated) "network-online.target" ++ certificate;
      restartTriggers = [ cfg.file ];
      serviceConfig = import ./sandbox.nix // {
        ExecStart = "${lib.getExe cfg.package} serve --config /etc/compliance-server/config.yaml";
        User = "compliance-server";
        Group = "compliance-server";
        LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") credentials;
        StateDirectory = "compliance-server";
        StateDirectoryMode = "0700";
        # Of the proxy's socket; whoever reaches it is believed about client certificates.
        RuntimeDirectory = lib.mkIf (!tls) "compliance-server";
        RuntimeDirectoryMode = lib.mkIf (!tls) "0750";
        # It gives the socket the group of its folder.
        SystemCallFilter = (import ./sandbox.nix).SystemCallFilter ++ lib.optional (!tls) "@chown";
        AmbientCapabilities = lib.optional lowPort "CAP_NET_BIND_SERVICE";
        CapabilityBoundingSet = lib.optionalString lowPort "CAP_NET_BIND_SERVICE";
        PrivateUsers = !lowPort; # a capability of the host's own network
        PrivateNetwork = isolated;
        RestrictAddressFamilies = [
          "AF_UNIX"
        ]
        ++ lib.optionals (!isolated) [
          "AF_INET"
          "AF_INET6"
        ];
        Restart = "always";
        RestartSec = 5;
        TimeoutStopSec = 15;
      };
    };
  };
}
