"""A backup that is missing or failed is made by a real restic, and a restore test brings its canary back."""

JOB = "restic-backups-daily"
STATUS = f"/var/lib/compliance-agent-backup/{JOB}.json"

clinic.start()

with subtest("restic makes a backup, and the restore test brings its canary back"):
    clinic.succeed(f"systemctl start {JOB}.service")
    clinic.succeed(f"systemctl start compliance-agent-restore-test-{JOB}.service")
    print(clinic.succeed(f"cat {STATUS}; ls /var/lib/compliance-agent-backup"))
    clinic.succeed("systemctl start compliance-agent.service")
    until("compliant", lambda: is_compliant(clinic, "backup"))

with subtest("The last backup's status gone: the agent has one made"):
    break_and_heal(clinic, "backup", f"rm {STATUS}", rule="never_ran")

with subtest("A run that failed, as its repository was away: the agent has it run again"):
    fail = (
        "mkdir /var/backup/gone; mount --bind /var/backup/gone /var/backup/restic; chattr +i /var/backup/gone || true; "
        f"mount -o remount,bind,ro /var/backup/restic; systemctl start {JOB}.service || true; umount /var/backup/restic"
    )
    break_and_heal(clinic, "backup", fail, rule="backup_failed")

with subtest("A restore test that is overdue: the agent has the test run, and not the backup"):
    saved = clinic.succeed(f"cat {STATUS}")
    old = f"""sed -i 's/"tested_at":"[^"]*"/"tested_at":"2026-01-01T00:00:00.000Z"/' {STATUS.replace(".json", ".restore.json")}"""
    bundle = break_and_heal(clinic, "backup", old, rule="restore_test_old")
    print(bundle["action_taken"])
    holds("run_restore_test" in [each["action"] for each in bundle["action_taken"]], bundle["action_taken"])
    holds(clinic.succeed(f"cat {STATUS}") == saved, "no backup was made")

with subtest("The restore test of the healed backup passes, and the repository is whole"):
    clinic.succeed(f"systemctl start compliance-agent-restore-test-{JOB}.service")
    print(clinic.succeed("RESTIC_PASSWORD=clinic HOME=/root restic --repo /var/backup/restic check"))
    until("compliant", lambda: is_compliant(clinic, "backup"))
    evidence_verifies(clinic)
