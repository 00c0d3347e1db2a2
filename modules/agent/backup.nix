# Hooks in the units of the declared backup jobs, which leave their status, and the restore tests.
{
  lib,
  pkgs,
  config,
  ...
}:
let
  cfg = config.services.complianceAgent;
  program = lib.getExe cfg.package;
  jobs = import ./backup-jobs.nix { inherit lib config; };
  tested = lib.filterAttrs (_: job: job.canary != null) jobs;

  toolOf =
    job:
    {
      restic = "--restic ${lib.getExe job.backup.package}";
      borg = "--tool borg --borg ${lib.getExe config.services.borgbackup.package}";
      other = "--tool other";
    }
    .${job.tool};

  # As root whatever the job's own user, and never the reason why a backup counts as failed.
  hook = command: "-+${program} backup ${command}";
in
{
  config = lib.mkIf (cfg.enable && cfg.checks.backup.enable) {
    systemd.tmpfiles.settings.compliance-agent-backup = {
      "/var/lib/compliance-agent-backup".d.mode = "0755";
      ${cfg.restoreTest.canaryFolder}.d.mode = "0755";
    };

    services.restic.backups = lib.genAttrs cfg.restoreTest.jobs (name: {
      paths = [ "${cfg.restoreTest.canaryFolder}/${name}" ];
    });

    systemd.services =
      lib.mapAttrs' (
        job: args:
        lib.nameValuePair args.unit {
          serviceConfig.ExecStopPost = [ (hook "record --job ${job} ${toolOf args}") ];
          serviceConfig.ExecStartPre = lib.mkIf (args.canary != null) (
            lib.mkBefore [ (hook "canary --job ${job}") ]
          );
        }
      ) jobs
      // lib.mapAttrs' (
        job: args:
        lib.nameValuePair "compliance-agent-restore-test-${job}" {
          description = "Restore test of ${args.unit}";
          after = [ "network-online.target" ];
          wants = [ "network-online.target" ];
          restartIfChanged = false;
          # Where the repository is and how it opens, as the job itself is told.
          environment = lib.filterAttrs (
            name: _: lib.hasPrefix "RESTIC_" name || lib.hasPrefix "RCLONE_" name
          ) config.systemd.services.${args.unit}.environment;
          path = [ config.programs.ssh.package ];
          serviceConfig = {
            Type = "oneshot";
            ExecStart = "${program} backup restore-test --job ${job} ${toolOf args}";
            EnvironmentFile = lib.mkIf (args.backup.environmentFile != null) args.backup.environmentFile;
            CacheDirectory = args.unit;
            CacheDirectoryMode = "0700";
            # What is restored lies there, for root alone, until the unit ends.
            PrivateTmp = true;
            ProtectSystem = "full"; # restic locks a repository even to read it, wherever that is
            PrivateDevices = true;
            NoNewPrivileges = true;
          };
        }
      ) tested;

    systemd.timers = lib.mapAttrs' (
      job: _:
      lib.nameValuePair "compliance-agent-restore-test-${job}" {
        wantedBy = [ "timers.target" ];
        timerConfig = {
          OnCalendar = cfg.restoreTest.calendar;
          Persistent = true;
          RandomizedDelaySec = "15min";
        };
      }
    ) tested;
  };
}
