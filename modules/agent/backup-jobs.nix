# Every declared backup job, by the name that its unit has: unit, timer if any, and how the hooks ask its repository.
{ lib, config }:
let
  cfg = config.services.complianceAgent;
  nameOf = unit: lib.replaceStrings [ "." "@" ":" "\\" ] [ "_" "_" "_" "_" ] unit;

  restic = lib.mapAttrs' (
    name: backup:
    let
      unit = "restic-backups-${name}";
    in
    lib.nameValuePair (nameOf unit) {
      inherit unit backup;
      tool = "restic";
      timer = if backup.timerConfig == null then null else "${unit}.timer";
      canary =
        if lib.elem name cfg.restoreTest.jobs then
          "${cfg.restoreTest.canaryFolder}/${name}/canary"
        else
          null;
    }
  ) config.services.restic.backups;

  borg = lib.mapAttrs' (
    name: backup:
    let
      unit = "borgbackup-job-${name}";
    in
    lib.nameValuePair (nameOf unit) {
      inherit unit backup;
      tool = "borg";
      timer = if backup.startAt == [ ] then null else "${unit}.timer";
      canary = null;
    }
  ) config.services.borgbackup.jobs;

  other = lib.mapAttrs' (
    name:
    { unit, timer }:
    lib.nameValuePair (nameOf name) {
      unit = lib.removeSuffix ".service" unit;
      inherit timer;
      tool = "other";
      canary = null;
    }
  ) cfg.checks.backup.jobs;
in
restic // borg // other
