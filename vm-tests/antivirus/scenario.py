"""A real clamd that is stopped, killed or masked runs again and finds a virus; a fourth time is left to a person."""

import re

EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

clinic.start()
unit = facts(clinic)["unit"]
# A look in the middle of the breaking may see the unit before and the processes after it.
HALFWAY = "process_missing"
healed = []

with subtest("Stopped: it is started again"):
    healed.append(break_and_heal(clinic, "antivirus", f"systemctl stop {unit}", rule=("unit_not_active", HALFWAY)))

with subtest("Killed: it is started again"):
    command = f"systemctl kill --signal=SIGKILL {unit}"
    healed.append(break_and_heal(clinic, "antivirus", command, rule=("unit_failed", HALFWAY)))

with subtest("Masked at run time and stopped: it is unmasked and started again"):
    debian_only(clinic, "NixOS's unit files lie in /etc, where a mask of /run does not cover them")
    command = f"systemctl mask --runtime --now {unit}"
    healed.append(break_and_heal(clinic, "antivirus", command, rule=("unit_masked", HALFWAY)))

with subtest("The third relapse within an hour is an alert for a person, and no remedy runs"):
    while len(healed) < 3:
        healed.append(break_and_heal(clinic, "antivirus", f"systemctl stop {unit}"))
    alert = stay_broken(clinic, "antivirus", f"systemctl stop {unit}")
    print(alert["outcome"], alert["post_state"]["findings"])

with subtest("Started by hand it finds the virus, and that is evidence too"):
    clinic.succeed(f"systemctl start {unit}")
    write(clinic, "/var/tmp/eicar.txt", EICAR)
    scan = f"{facts(clinic)['scan']} /var/tmp/eicar.txt"
    print(until("clamd finds the test virus", lambda: re.search(r"Clinic\.Eicar.* FOUND", clinic.execute(scan)[1])))
    until("compliant again", lambda: is_compliant(clinic, "antivirus"))
    evidence_verifies(clinic)

with subtest("A program that was replaced under its old time and size is seen, whatever was hashed before"):
    debian_only(clinic, "NixOS's programs lie in its store, which nobody writes")
    print(kept := clinic.succeed("stat -c '%U %a' /var/cache/compliance-agent-probe").strip())
    holds(kept == "root 700", "what was hashed is kept for root alone")
    program = "/usr/sbin/clamd"
    clinic.succeed(
        f"cp -a {program} {program}.other",
        f"printf x | dd of={program}.other bs=1 seek=8 conv=notrunc",  # a byte of ELF's padding
        f"touch -r {program} {program}.other",
        f"mv {program} {program}.own; mv {program}.other {program}",
    )
    until("the other program is seen", lambda: "executable_differs" in findings(clinic, "antivirus"))
    clinic.succeed(f"mv {program}.own {program}")
    until("its own is seen", lambda: findings(clinic, "antivirus") == [])
