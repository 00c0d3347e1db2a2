clinic.start()

with subtest("The agent runs, made its own key and keeps it to itself"):
    clinic.wait_for_unit("compliance-agent.service")
    mode = clinic.succeed("stat -c '%U %a' /var/lib/compliance-agent/signing.key").strip()
    assert mode == "compliance-agent 600", mode

with subtest("Every socket listens, and no probe or remedy runs unasked"):
    sockets = clinic.succeed("find /run/compliance-agent -name '*.sock'").split()
    assert len(sockets) == 10, sockets
    clinic.fail("systemctl is-active 'compliance-agent-remedy-*@*.service'")

with subtest("The default firewall is compliant: the kernel holds what the reference is"):
    assert verdicts(clinic)["firewall"] == "compliant", findings(clinic, "firewall")

with subtest("What a default host lacks is drift, not a pass"):
    seen = verdicts(clinic)
    assert seen["antivirus"] == "drifted", seen
    assert seen["backup"] == "drifted", seen

with subtest("The generation that was switched to is accepted"):
    assert "generation_differs" not in findings(clinic, "patching")

with subtest("Evidence of the start verifies with nothing but folder and key"):
    clinic.wait_until_succeeds("compliance-agent evidence list --json | grep -q recorded")
    clinic.succeed("compliance-agent keys show > /tmp/host.pem")
    clinic.succeed("compliance-agent evidence verify --dir /var/lib/compliance-agent/evidence --public-key /tmp/host.pem")

with subtest("The agent may do nothing itself"):
    clinic.succeed("systemd-analyze security compliance-agent.service --threshold=15")
    clinic.fail("runuser -u compliance-agent -- systemctl restart systemd-journald.service")
