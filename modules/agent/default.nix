# The agent on a NixOS host: its user, the shipped units, and what they need to know of this host.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceAgent;
  program = lib.getExe cfg.package;
  rootState = "/var/lib/compliance-agent-root";

  # A drop-in to a shipped unit, with what only this host knows.
  dropIn = unit: lib.recursiveUpdate { overrideStrategy = "asDropin"; } unit;
  # A switch must not stop the remedy that makes it.
  outlivingDropIn =
    unit:
    dropIn (
      lib.recursiveUpdate {
        restartIfChanged = false;
        unitConfig.X-StopOnRemoval = false;
      } unit
    );

  luksDevices = lib.unique (map (luks: luks.device) (cfg.baseline.checks.encryption.luks or [ ]));
in
{
  imports = [
    ./options.nix
    ./config-file.nix
    ./baseline
    ./assertions.nix
    ./peers.nix
    ./backup.nix
    ./acceptance.nix
    ./clock.nix
  ];

  config = lib.mkIf cfg.enable {
    users.users.compliance-agent = {
      description = "Compliance agent";
      isSystemUser = true;
      group = "compliance-agent";
      home = "/var/lib/compliance-agent";
    };
    users.groups.compliance-agent = { };

    environment.systemPackages = [ cfg.package ];
    environment.etc = {
      "compliance-agent/config.yaml".source = "${cfg.files}/config.yaml";
      "compliance-agent/baseline.yaml".source = "${cfg.files}/baseline.yaml";
    };

    systemd.packages = [ cfg.package ];
    systemd.tmpfiles.packages = [ cfg.package ];
    systemd.targets.compliance-agent-sockets = dropIn { wantedBy = [ "sockets.target" ]; };

    systemd.services.compliance-agent = dropIn {
      wantedBy = [ "multi-user.target" ];
      # Settings and baseline are read again on SIGHUP; another program is another unit file and starts it anew.
      reloadTriggers = [ cfg.files ];
      path =
        lib.optional config.services.chrony.enable config.services.chrony.package
        ++ lib.optional config.boot.zfs.enabled config.boot.zfs.package;
      serviceConfig.LoadCredential = lib.mapAttrsToList (name: path: "${name}:${path}") cfg.credentials;
    };

    # The first start makes the key that signs evidence, unless one is handed over.
    systemd.services.compliance-agent-keys = lib.mkIf (cfg.signingKeyFile == null) {
      description = "Signing key of the compliance agent";
      requiredBy = [ "compliance-agent.service" ];
      before = [ "compliance-agent.service" ];
      unitConfig.ConditionPathExists = "!/var/lib/compliance-agent/signing.key";
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${program} keys generate /var/lib/compliance-agent/signing.key";
        StandardOutput = "null";
        User = "compliance-agent";
        Group = "compliance-agent";
        StateDirectory = "compliance-agent";
        StateDirectoryMode = "0750";
        UMask = "0077";
        CapabilityBoundingSet = "";
        NoNewPrivileges = true;
        PrivateDevices = true;
        PrivateNetwork = true;
        PrivateTmp = true;
        ProtectHome = true;
        ProtectSystem = "strict";
        RestrictAddressFamilies = "none";
        SystemCallFilter = [ "@system-service @pkey" ]; # as the shipped units: Node's code pages
      };
    };

    systemd.services."compliance-agent-probe-volumes@" =
      lib.mkIf (luksDevices != [ ])
        (outlivingDropIn {
          serviceConfig.DeviceAllow = map (device: "${device} r") (
            lib.filter (lib.hasPrefix "/dev/") luksDevices
          );
        });

    # The generation switch calls nix-env and starts a unit by systemd-run.
    systemd.services."compliance-agent-remedy-update_to_baseline_generation@" = outlivingDropIn {
      path = [ config.nix.package ];
    };
  };
}
