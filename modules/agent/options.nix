# The interface of `services.complianceAgent`. What follows from it is in the other files of this folder.
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
  json = (pkgs.formats.json { }).type;

  /*
    A path that the host has and the store must not: a string, so that nothing is copied, and not below the store, which
    everyone can read.
  */
  secret = types.externalPath;
  optional =
    type: args:
    mkOption (
      args
      // {
        type = types.nullOr type;
        default = null;
      }
    );

  ids = import ./ids.nix;
  publicKey = types.strMatching "-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?";

  addressesOf =
    whom:
    mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "192.0.2.20" ];
      description = ''
        Addresses or networks of ${whom}, as in {option}`services.complianceAgent.mcp.addresses`; `localhost` where it is
        on this host.
      '';
    };

  mode =
    default: what:
    mkOption {
      type = types.enum [
        "auto"
        "window"
        "order"
        "alert"
      ];
      inherit default;
      description = ''
        When to ${what}: `auto` at once, `window` in the maintenance window, `order` when a verified order asks for it
        (without a server that is `alert`), `alert` never: a person must act.
      '';
    };
in
{
  options.services.complianceAgent = {
    enable = mkEnableOption "the HIPAA compliance agent: six checks, healing of what drifted, signed evidence";

    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ../../pkgs/compliance-agent.nix { };
      defaultText = literalExpression "pkgs.callPackage <compliance-agent>/pkgs/compliance-agent.nix { }";
      description = "The agent's package, with its units.";
    };

    siteId = mkOption {
      type = types.strMatching "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
      default = "default";
      example = "north-clinic";
      description = "The clinic or site that this host belongs to.";
    };

    hostId = mkOption {
      type = types.strMatching "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
      default = config.networking.hostName;
      defaultText = literalExpression "config.networking.hostName";
      description = "The host's id in evidence, and the common name of its client certificate.";
    };

    deploymentMode = mkOption {
      type = types.enum [
        "direct"
        "reseller"
      ];
      default = "direct";
      description = "`direct`, or `reseller`, which needs {option}`services.complianceAgent.resellerId`.";
    };

    resellerId = optional (types.strMatching "[A-Za-z0-9][A-Za-z0-9._-]{0,62}") {
      example = "acme-msp";
      description = "The reseller that runs this site.";
    };

    mcp = {
      url = optional (types.strMatching "https://.+") {
        example = "https://mcp.example.org";
        description = "The control server. Without one the agent works alone: it checks, heals and records.";
      };
      caFile = optional types.path {
        example = literalExpression "./mcp-ca.pem";
        description = "Certificate authority (PEM) that the control server's certificate must chain to. Public: it may be in the store.";
      };
      clientCertFile = optional types.path {
        example = "/run/secrets/agent.crt";
        description = "Client certificate (PEM); its common name is {option}`services.complianceAgent.hostId`.";
      };
      clientKeyFile = optional secret {
        example = "/run/secrets/agent.key";
        description = "Key of the client certificate (PEM). It is handed over with `LoadCredential=`.";
      };
      receiptKeys = mkOption {
        type = types.listOf publicKey;
        default = [ ];
        description = "Ed25519 public keys (SPKI PEM) whose receipts count. Without any, TLS alone vouches for the server.";
      };
      addresses = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [
          "192.0.2.10"
          "2001:db8::/64"
        ];
        description = ''
          Addresses or networks of the control server, in the notation of {manpage}`systemd.resource-control(5)`. Where
          they are given the agent can exchange packets with these and those of the other peers alone: webhook, syslog
          receiver and readers of the metrics then need theirs too. Without any peer it can with nobody.
        '';
      };
    };

    signingKeyFile = optional secret {
      example = "/run/secrets/evidence-signing.key";
      description = ''
        Ed25519 key that signs evidence: 32 raw bytes or PKCS#8 PEM, handed over with `LoadCredential=`. Without one the
        first start makes a key in the state folder.
      '';
    };

    orders = {
      publicKeys = mkOption {
        type = types.listOf publicKey;
        default = [ ];
        description = "Ed25519 public keys (SPKI PEM) of the operators whose orders this host accepts.";
      };
      allow = mkOption {
        type = types.listOf (types.enum (lib.attrValues ids.remedyOf));
        default = [ ];
        example = [ "update_to_baseline_generation" ];
        description = "Runbooks that a verified order may start on this host.";
      };
      ttl = mkOption {
        type = types.ints.between 60 604800;
        default = 86400;
        description = "Seconds for which an order may be valid at most.";
      };
    };

    acceptLocalSwitch = mkOption {
      type = types.bool;
      default = true;
      description = ''
        Whether a real `nixos-rebuild switch`, run by root on or towards this host, makes the new generation the accepted
        one. Neither `nixos-rebuild test` nor moving the profile link does. Every acceptance is evidence.
      '';
    };

    maintenanceWindow = {
      start = mkOption {
        type = types.str;
        default = "02:00";
        description = "When the window opens, HH:MM in {option}`services.complianceAgent.maintenanceWindow.timeZone`.";
      };
      end = mkOption {
        type = types.str;
        default = "04:00";
        description = "When it closes, HH:MM; earlier than the start means on the next day.";
      };
      timeZone = mkOption {
        type = types.str;
        default = if config.time.timeZone == null then "UTC" else config.time.timeZone;
        defaultText = literalExpression ''if config.time.timeZone == null then "UTC" else config.time.timeZone'';
        example = "America/New_York";
        description = "IANA time zone of the window.";
      };
      days = mkOption {
        type = types.nonEmptyListOf (types.enum ids.days);
        default = ids.days;
        example = [
          "sat"
          "sun"
        ];
        description = "Days on which the window opens.";
      };
      catchUp = mkOption {
        type = types.bool;
        default = false;
        description = "Whether what waited for a window that the host missed altogether runs afterwards.";
      };
    };

    pollInterval = mkOption {
      type = types.ints.between 1 86400;
      default = 300;
      description = "Seconds between two cycles, ±10 %.";
    };

    checks = import ./check-options.nix { inherit lib config; };

    remedies = {
      restart_av_service.mode = mode "auto" "restart an antivirus service that drifted";
      run_backup_job.mode = mode "auto" "run a backup job that is late or failed";
      restart_logging_services.mode = mode "auto" "restart the logging services";
      restore_firewall_baseline.mode = mode "auto" "put the declared firewall tables back";
      update_to_baseline_generation.mode = mode "order" "switch to the accepted generation";
      enable_volume_encryption.mode = mode "alert" "report a volume that is not encrypted";
    };

    baseline = mkOption {
      type = types.submodule { freeformType = json; };
      default = { };
      example = literalExpression ''
        {
          checks.patching.max_age_days = 14;
          checks.encryption = null; # not judged on this host
        }
      '';
      description = ''
        What the host is expected to be. The module derives it from this very configuration, each value with the
        priority of `lib.mkDefault`, so that any value set here wins; a check whose section is `null` is not judged.
        `nix eval .#nixosConfigurations.HOST.config.services.complianceAgent.baseline` shows the result.
      '';
    };

    exceptions = mkOption {
      type = types.listOf json;
      default = [ ];
      example = literalExpression ''
        [
          {
            id = "EX-2026-004";
            check = "encryption";
            subject = "/scratch";
            reason = "Holds no ePHI: calibration images of the scanner.";
            alternative = "The room is locked; the disk is wiped monthly.";
            approved_by = "Security Official";
            expires = "2027-01-01T00:00:00.000Z";
          }
        ]
      '';
      description = ''
        Documented alternatives to addressable specifications (45 CFR 164.306(d)(3)(ii)(B)). The verdict names the
        exception that it rests on; after `expires` it covers nothing.
      '';
    };

    profile = mkOption {
      type = types.enum [
        "hipaa"
        "nprm-2025"
      ];
      default = "hipaa";
      description = "The Security Rule in force, or also what its proposed revision of 2025, which is not law, would ask.";
    };

    policyVersion = mkOption {
      type = types.strMatching "[A-Za-z0-9._-]{1,64}";
      default = "1";
      description = "Version of your policy that the evidence names.";
    };

    retention = {
      days = mkOption {
        type = types.ints.between 1 36500;
        default = 2192;
        description = "Days for which evidence is kept: six years (45 CFR 164.316(b)(2)(i)).";
      };
      newest = mkOption {
        type = types.ints.between 1 10000000;
        default = 1000;
        description = "So many newest bundles are kept whatever their age.";
      };
    };

    restoreTest = import ./restore-test-options.nix { inherit lib; };

    integrations = {
      caFile = optional types.path {
        example = literalExpression "./notice-ca.pem";
        description = ''
          Certificate authority (PEM) of the webhook's and the syslog receiver's certificate, in the place of those that
          Node brings. Public: it may be in the store.
        '';
      };
      webhook = {
        url = optional (types.strMatching "https?://.+") {
          example = "https://rmm.example.org/hooks/compliance";
          description = "Receives alerts and outcomes as JSON.";
        };
        secretFile = optional secret {
          example = "/run/secrets/webhook";
          description = "Secret for the webhook's HMAC-SHA256, handed over with `LoadCredential=`.";
        };
        addresses = addressesOf "the webhook";
      };
      syslog = {
        target = optional (types.strMatching "(udp|tcp|tls)://[^ /]+:[0-9]{1,5}") {
          example = "tls://siem.example.org:6514";
          description = "Receives RFC 5424 messages.";
        };
        addresses = addressesOf "the syslog receiver";
      };
    };

    metrics = {
      listen = optional types.str {
        example = "127.0.0.1:9464";
        description = ''
          Where Prometheus metrics are served: host:port, or the path of a socket. Alert rules for
          `services.prometheus.ruleFiles` are in the package, in `share/compliance-agent/prometheus`.
        '';
      };
      addresses = addressesOf "who reads the metrics from elsewhere";
      openFirewall = mkOption {
        type = types.bool;
        default = false;
        description = "Whether to open the port of the metrics in this host's firewall.";
      };
    };

    settings = mkOption {
      type = types.submodule { freeformType = json; };
      default = { };
      example = literalExpression ''{ log_level = "debug"; ntp_max_skew_ms = 1000; }'';
      description = ''
        Settings of the agent under their own names (`compliance-agent config --settings` lists them); they win over
        what the options above give. The agent checks them when the host is built.
      '';
    };
  };
}
