# Each declared backup job: how old its last success, and its last restore test, may be.
{
  lib,
  config,
  jobs,
}:
let
  cfg = config.services.complianceAgent;
in
{
  jobs = lib.mapAttrsToList (
    job:
    {
      unit,
      timer,
      canary,
      ...
    }:
    {
      inherit job timer canary;
      unit = "${unit}.service";
      max_age_hours = cfg.checks.backup.maxAgeHours;
      restore_test =
        if canary == null then
          null
        else
          {
            max_age_days = cfg.restoreTest.maxAgeDays;
            unit = "compliance-agent-restore-test-${job}.service";
          };
    }
  ) jobs;
}
