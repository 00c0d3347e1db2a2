"""`enable = true` and nothing else: it boots, makes its keys, holds no capability, and six verdicts are in evidence."""

ASK = """
import socket, sys, time
begun = time.monotonic()
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.shutdown(socket.SHUT_WR)
got = 0
while part := s.recv(65536):
    got += len(part)
print(f"{(time.monotonic() - begun) * 1000:.0f} {got}")
"""
# Exposure as `systemd-analyze security` counts it: the agent's is asked for, the others' are what their step needs.
AGENT_EXPOSURE = 1.5


def exposure(host):
    lines = host.succeed("systemd-analyze security --no-pager 2>/dev/null | grep '^compliance-agent'").splitlines()
    return {unit: float(level) for unit, level in (line.split()[:2] for line in lines)}


def ask(host, socket):
    """Milliseconds until the whole answer was there; None where the socket was busy."""
    command = f"python3 /tmp/ask.py /run/compliance-agent/{socket}.sock"
    milliseconds, size = host.succeed(as_user("compliance-agent", command)).split()
    return int(milliseconds) if int(size) > 0 else None


clinic.start()

with subtest("The agent runs, made its own key and keeps it to itself"):
    clinic.wait_for_unit("compliance-agent.service")
    mode = clinic.succeed("stat -c '%U %a' /var/lib/compliance-agent/signing.key").strip()
    holds(mode == "compliance-agent 600", mode)

with subtest("Every probe's and remedy's socket listens"):
    sockets = clinic.succeed("find /run/compliance-agent -name '*.sock'").split()
    print(sockets)
    holds(len(sockets) == 10, sockets)

with subtest("Six verdicts: the firewall is as declared, and what a default host lacks is drift, not a pass"):
    wait_for_attestation(clinic)
    seen = verdicts(clinic)
    print(seen)
    holds(len(seen) == 6, seen)
    holds(seen["firewall"] == "compliant", findings(clinic, "firewall"))
    holds(seen["antivirus"] == "drifted", seen)
    holds(seen["backup"] == "drifted", seen)

with subtest("The agent has no capability, not even in its bounding set"):
    status = clinic.succeed("cat /proc/$(systemctl show -P MainPID compliance-agent)/status")
    capabilities = {line.split()[0]: int(line.split()[1], 16) for line in status.splitlines() if line.startswith("Cap")}
    print(capabilities)
    holds(len(capabilities) == 5 and not any(capabilities.values()), f"no capability: {capabilities}")
    clinic.fail(as_user("compliance-agent", "systemctl --no-ask-password restart systemd-journald.service"))

with subtest(f"systemd-analyze security: the agent's exposure is at most {AGENT_EXPOSURE}"):
    levels = exposure(clinic)
    print(levels)
    holds(levels["compliance-agent.service"] <= AGENT_EXPOSURE, levels)

with subtest("A probe's socket answers whoever holds its group, as fast as its program starts"):
    write(clinic, "/tmp/ask.py", ASK)
    took = [one for one in (ask(clinic, "probe/firewall") for _ in range(20)) if one is not None]
    print(f"probe/firewall answered within {sorted(took)} ms, on a machine that does other things beside")
    holds(took, "an answer among twenty")

with subtest("Beside it, as the floor: a bare Node in the same sandbox"):
    debian_only(clinic, "its Node has no name of its own there")
    units = "/usr/lib/systemd/system/compliance-agent-probe-firewall"
    floor = "/run/systemd/system/compliance-agent-probe-floor"
    clinic.succeed(
        f"sed 's/firewall.sock/floor.sock/' {units}.socket > {floor}.socket",
        f"sed 's/^ExecStart=.*/ExecStart=node -p 0/' {units}@.service > {floor}@.service",
        "systemctl daemon-reload; systemctl start compliance-agent-probe-floor.socket",
    )
    pairs = [(ask(clinic, "probe/firewall"), ask(clinic, "probe/floor")) for _ in range(20)]
    ours = sorted(one for one, _ in pairs if one is not None)
    bare = sorted(one for _, one in pairs if one is not None)
    print(f"medians: {ours[len(ours) // 2]} ms, {bare[len(bare) // 2]} ms bare ({ours}, {bare})")
    clinic.succeed("systemctl stop compliance-agent-probe-floor.socket")

with subtest("The generation that was booted is accepted"):
    nixos_only(clinic, "Debian has no generation to boot into")
    holds("running_not_accepted" not in findings(clinic, "patching"), findings(clinic, "patching"))

with subtest("The evidence is chained from its first bundle, and verifies with nothing but folder, key and openssl"):
    chain = bundles(clinic)
    holds([one["sequence"] for one in chain] == list(range(1, len(chain) + 1)), chain)
    holds(chain[0]["previous_digest"] == "0" * 64, chain[0])
    evidence_verifies(clinic)

with subtest("It runs on without a restart and tells systemd how it is"):
    state = clinic.get_unit_info("compliance-agent.service")
    seen = {name: state[name] for name in ("NRestarts", "ActiveState", "StatusText")}
    print(seen)
    holds(seen["NRestarts"] == "0" and seen["ActiveState"] == "active" and seen["StatusText"], seen)
