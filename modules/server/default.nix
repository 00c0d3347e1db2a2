# The control server on a NixOS host: one sandboxed service and its database's backup.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceServer;
  stateDir = "/var/lib/compliance-server";

  credentials = {
    client-ca = cfg.clientCaFile;
    cert = cfg.certFile;
    key = cfg.keyFile;
    receipt-key = cfg.receiptKeyFile;
  };
  credential = name: "/run/credentials/compliance-server.service/${name}";

  fromOptions = {
    listen_address = cfg.listenAddress;
    listen_port = cfg.port;
    client_ca_file = credential "client-ca";
    cert_file = credential "cert";
    key_file = credential "key";
    receipt_key_file = credential "receipt-key";
    database_path = "${stateDir}/server.db";
  }
  // lib.optionalAttrs (cfg.operatorKeys != [ ]) {
    operator_keys_file = "${pkgs.writeText "operator-keys.pem" (
      lib.concatMapStrings (key: "${lib.trim key}\n") cfg.operatorKeys
    )}";
  };

  sandbox = {
    User = "compliance-server";
    Group = "compliance-server";
    UMask = "0077";
    CapabilityBoundingSet = "";
    DevicePolicy = "closed";
    KeyringMode = "private";
    LockPersonality = true;
    NoNewPrivileges = true;
    PrivateDevices = true;
    PrivateIPC = true;
    PrivateTmp = true;
    PrivateUsers = true;
    ProcSubset = "pid";
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHome = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
    # Node writes code at run time and protects its pages by pkey_mprotect(2): no MemoryDenyWriteExecute=.
    SystemCallFilter = [
      "@system-service"
      "@pkey"
      "~@privileged @resources"
    ];
  };
in
{
  imports = [ ./options.nix ];

  config = lib.mkIf cfg.enable {
    services.complianceServer.settings = lib.mapAttrs (_: lib.mkDefault) fromOptions;

    users.users.compliance-server = {
      description = "Compliance control server";
      isSystemUser = true;
      group = "compliance-server";
      home = stateDir;
    };
    users.groups.compliance-server = { };

    environment.systemPackages = [ cfg.package ];
    environment.etc."compliance-server/config.yaml".text = builtins.toJSON cfg.settings;
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];

    systemd.services.compliance-server = {
      description = "Compliance control server";
      wantedBy = [ "multi-user.target" ];
      wants = [
        "network-online.target"
      ]
      ++ lib.optional (cfg.acmeHost != null) "acme-${cfg.acmeHost}.service";
      after = [
        "network-online.target"
      ]
      ++ lib.optional (cfg.acmeHost != null) "acme-${cfg.acmeHost}.service";
      restartTriggers = [ config.environment.etc."compliance-server/config.yaml".source ];
      serviceConfig = sandbox // {
        ExecStart = "${lib.getExe cfg.package} serve --config /etc/compliance-server/config.yaml";
        LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") credentials;
        StateDirectory = "compliance-server";
        StateDirectoryMode = "0700";
        AmbientCapabilities = lib.optional (cfg.port < 1024) "CAP_NET_BIND_SERVICE";
        CapabilityBoundingSet = lib.optionalString (cfg.port < 1024) "CAP_NET_BIND_SERVICE";
        PrivateUsers = cfg.port >= 1024; # a capability of the host's own network
        RestrictAddressFamilies = [
          "AF_INET"
          "AF_INET6"
          "AF_UNIX"
        ];
        Restart = "always";
        RestartSec = 5;
        TimeoutStopSec = 15;
      };
    };

    systemd.tmpfiles.settings.compliance-server-backup = lib.mkIf cfg.backup.enable {
      ${cfg.backup.folder}.d = {
        user = "compliance-server";
        group = "compliance-server";
        mode = "0700";
      };
    };

    systemd.services.compliance-server-backup = lib.mkIf cfg.backup.enable {
      description = "Copy of the compliance control server's database";
      startAt = cfg.backup.calendar;
      restartIfChanged = false;
      unitConfig.ConditionPathExists = cfg.settings.database_path;
      # SQLite's own online backup: a consistent copy while the server writes. Renamed when it is whole and holds.
      script = ''
        part=${cfg.backup.folder}/server.db.part
        rm -f "$part"
        sqlite3 ${cfg.settings.database_path} ".timeout 60000" ".backup '$part'"
        [[ "$(sqlite3 "$part" 'pragma integrity_check')" == ok ]]
        sync "$part"
        mv "$part" ${cfg.backup.folder}/server.db
      '';
      path = [ pkgs.sqlite ];
      serviceConfig = sandbox // {
        Type = "oneshot";
        StateDirectory = "compliance-server";
        StateDirectoryMode = "0700";
        ReadWritePaths = [ cfg.backup.folder ];
        PrivateNetwork = true;
        RestrictAddressFamilies = "none";
      };
    };
  };
}
