# `services.complianceAgent.checks`: what every check has, and what some need to be told.
{ lib, config }:
let
  inherit (lib) mkOption literalExpression types;
  titles = {
    patching = "the host runs the accepted generation, and that is recent";
    antivirus = "the antivirus runs, is the declared program and has fresh signatures";
    backup = "backups are recent, whole and restorable";
    logging = "what is logged is kept and shipped";
    firewall = "the kernel holds the declared ruleset";
    encryption = "disks and swap are encrypted";
  };
  common = lib.mapAttrs (id: title: {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether to check that ${title}.";
    };
    timeout = mkOption {
      type = types.nullOr (types.ints.between 1 600);
      default = null;
      description = "Seconds that this check may take; the agent's own default where `null`.";
    };
  }) titles;

  nameOfUnit = types.strMatching "[A-Za-z0-9:_.@-]+\\.(service|socket|timer|path)";
in
lib.recursiveUpdate common {
  patching = {
    maxAgeDays = mkOption {
      type = types.ints.between 1 3650;
      default = 30;
      description = "Days that the nixpkgs of the running system may be old.";
    };
    rebootWithinDays = mkOption {
      type = types.ints.between 0 365;
      default = 7;
      description = "Days within which a pending reboot is of low severity.";
    };
    nixpkgsDate = mkOption {
      type = types.nullOr (types.strMatching "[0-9]{4}-[0-9]{2}-[0-9]{2}");
      default =
        let
          # The nixpkgs flake writes `.20261002.7c8764b` there.
          found = builtins.match "\\.([0-9]{4})([0-9]{2})([0-9]{2})\\..*" config.system.nixos.versionSuffix;
        in
        if found == null then null else lib.concatStringsSep "-" found;
      defaultText = literalExpression "the date in config.system.nixos.versionSuffix, null where there is none";
      example = "2026-10-02";
      description = "Date of the nixpkgs that this host is built from. Without it patch age is `unknown`.";
    };
  };

  antivirus = {
    units = mkOption {
      default = [ ];
      example = literalExpression ''[ { unit = "sentinel.service"; executable = "''${pkgs.sentinel}/bin/sentineld"; } ]'';
      description = "Antivirus units beside those of `services.clamav`, which are found by themselves.";
      type = types.listOf (
        types.submodule {
          options = {
            unit = mkOption {
              type = nameOfUnit;
              description = "Name of the unit, with its suffix.";
            };
            executable = mkOption {
              type = types.nullOr types.path;
              default = null;
              description = "Program that it runs. Its SHA-256 is taken when the host is built, if it is in the store.";
            };
          };
        }
      );
    };
    maxSignatureAgeHours = mkOption {
      type = types.ints.between 1 8760;
      default = 48;
      description = "Hours that the signature database may be old.";
    };
    rehashHours = mkOption {
      type = types.ints.between 0 744;
      default = 24;
      description = ''
        Hours after which a program is hashed anew although its inode, size and times are unchanged; 0 is each time.
        A verdict never rests on an older digest, and evidence says when each was computed.
      '';
    };
  };

  backup = {
    maxAgeHours = mkOption {
      type = types.ints.between 1 8760;
      default = 26;
      description = "Hours that the last good backup of each job may be old.";
    };
    jobs = mkOption {
      type = types.attrsOf (
        types.submodule {
          options = {
            unit = mkOption {
              type = nameOfUnit;
              description = "The unit that makes the backup.";
            };
            timer = mkOption {
              type = types.nullOr nameOfUnit;
              default = null;
              description = "The timer that starts it, if any.";
            };
          };
        }
      );
      default = { };
      example = literalExpression ''{ database.unit = "pg-dump.service"; database.timer = "pg-dump.timer"; }'';
      description = ''
        Backup jobs beside those of `services.restic.backups` and `services.borgbackup.jobs`, which are found by
        themselves. A hook is added to each job's unit that writes how it ended.
      '';
    };
  };

  logging.shippers = mkOption {
    type = types.listOf nameOfUnit;
    default = [ ];
    example = [ "promtail.service" ];
    description = "Units that ship logs, beside those of NixOS's own modules, which are found by themselves.";
  };
}
