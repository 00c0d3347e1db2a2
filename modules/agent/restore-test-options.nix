# `services.complianceAgent.restoreTest`: proof that a backup can be read back (45 CFR 164.308(a)(7)(ii)(D)).
{ lib }:
let
  inherit (lib) mkOption types;
in
{
  jobs = mkOption {
    type = types.listOf types.str;
    default = [ ];
    example = [ "home" ];
    description = ''
      Names of `services.restic.backups` whose restore is tested: a canary file of random bytes is written before each
      backup, added to what the job saves, restored from the repository into a private folder by a unit of its own, and
      compared. The repository's and password's files must be readable for root.
    '';
  };
  canaryFolder = mkOption {
    type = types.path;
    default = "/var/lib/compliance-agent-canary";
    description = "Folder of the canary files, one below it for each job.";
  };
  calendar = mkOption {
    type = types.str;
    default = "weekly";
    example = "Sun 05:00";
    description = "When the test runs, in the notation of {manpage}`systemd.time(7)`.";
  };
  maxAgeDays = mkOption {
    type = types.ints.between 1 3660;
    default = 31;
    description = "Days that the last good restore test may be old.";
  };
}
