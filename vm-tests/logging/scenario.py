"""With journald's service masked alone, or its sockets stopped, log lines arrive again within two cycles."""

UNITS = "systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service"

clinic.start()
# A look in the middle of the breaking may see the units before and the journal after it.
HALFWAY = "canary_lost"

with subtest("The service masked alone, where logger still exits 0: unmasked, and a canary arrives"):
    debian_only(clinic, "NixOS's unit files lie in /etc, where a mask of /run does not cover them")
    command = "systemctl mask --runtime --now systemd-journald.service; logger lost"
    break_and_heal(clinic, "logging", command, rule=("unit_masked", HALFWAY))

with subtest("Sockets and service stopped: started again, and a canary arrives"):
    break_and_heal(clinic, "logging", f"systemctl stop {UNITS}", rule=("unit_not_active", HALFWAY))

with subtest("A line of the host's own is in the journal again"):
    clinic.succeed("logger --tag clinic back-again")
    clinic.wait_until_succeeds("journalctl -q -t clinic -o cat | grep back-again", timeout=30)
    evidence_verifies(clinic)
