"""What every scenario asks of a host. This text stands in front of each scenario's own, on both rigs."""

import base64
import json
import shlex
import time
import unittest

EVIDENCE = "/var/lib/compliance-agent/evidence"
ROOT_STATE = "/var/lib/compliance-agent-root"


def facts(host: BaseMachine):
    """What differs between rigs, and what a scenario must know of its machine: /etc/vm-test.json."""
    return json.loads(host.succeed("cat /etc/vm-test.json"))


def nixos_only(host: BaseMachine, why):
    """For the first line of a subtest that only NixOS can show; elsewhere it counts as not run, never as passed."""
    if facts(host)["rig"] != "nixos":
        raise unittest.SkipTest(why)


def debian_only(host: BaseMachine, why):
    """The other way round: what a NixOS host cannot be made to do."""
    if facts(host)["rig"] == "nixos":
        raise unittest.SkipTest(why)


def until(what, look, seconds=60):
    """Asks again and again until the answer is true; gives that answer. A machine that answers slowly is left time to work."""
    end = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(max(0.2, time.monotonic() - asked))


def holds(condition, what):
    """Fails with what was seen unless the condition is true."""
    assert condition, f"does not hold: {what}"


def write(host: BaseMachine, path, text, mode="644"):
    """Puts a text into a file of the host, by the one primitive that both rigs have."""
    encoded = base64.b64encode(text.encode()).decode()
    quoted = shlex.quote(path)
    host.succeed(f"mkdir -p $(dirname {quoted}); echo {encoded} | base64 -d > {quoted}; chmod {mode} {quoted}")


def as_user(user, command):
    """The command with the rights of a user and nothing more."""
    return f"setpriv --reuid={user} --regid={user} --init-groups --no-new-privs bash -c {shlex.quote(command)}"


def now(host: BaseMachine):
    """Seconds since the epoch by the host's own clock."""
    return float(host.succeed("date +%s.%N"))


def seconds_of(timestamp):
    """An evidence timestamp (RFC 3339, UTC, milliseconds) in seconds since the epoch."""
    whole, _, milliseconds = timestamp.rstrip("Z").partition(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + int(milliseconds) / 1000


def verdicts(host: BaseMachine):
    """The six verdicts as the agent sees them now."""
    return {state["check"]: state["verdict"] for state in check(host)}


def findings(host: BaseMachine, check_id):
    """Rules that the agent finds broken in one check now."""
    return [finding["rule"] for state in check(host, check_id) for finding in state["findings"]]


def check(host: BaseMachine, check_id=""):
    """`check --json`: exit 0 compliant, 1 drift, 2 unknown."""
    _, output = host.execute(f"compliance-agent check {check_id} --json")
    return json.loads(output)


def bundles(host: BaseMachine, kind=None):
    """The evidence on the host's disk in order: all of it, or that about one check or kind of record."""
    _, lines = host.execute(f"grep -rh --include=bundle.json '' {EVIDENCE} 2>/dev/null")
    found = sorted((json.loads(line) for line in lines.splitlines()), key=lambda bundle: bundle["sequence"])
    return [bundle for bundle in found if kind in (None, bundle["check"])]


def is_compliant(host: BaseMachine, check_id):
    """What the newest bundle about a check says."""
    found = bundles(host, check_id)
    return bool(found) and (found[-1]["post_state"] or {}).get("verdict") == "compliant"


def wait_for_attestation(host: BaseMachine):
    """The first cycle has ended: all six verdicts are in evidence."""
    return until("an attestation", lambda: bundles(host, "attestation"))[-1]


def break_and_heal(host: BaseMachine, check_id, command, rule=None, outcome="success"):
    """Breaks something and waits until it is healed and proved: a new bundle about the check with this outcome.

    `rule`: the finding that must name what differs, or several, of which a look in the middle of the breaking sees another
    than one after it. From the breaking to the bundle may take two poll intervals, with their jitter of a tenth, and
    what the remedy and two cycles' looks themselves took on this machine. Gives the bundle.
    """
    until(f"{check_id} is compliant to begin with", lambda: is_compliant(host, check_id))
    before = len(bundles(host, check_id))
    host.succeed(command)
    broken = now(host)

    def ended():
        return [one for one in bundles(host, check_id)[before:] if one["runbook_id"] and one["outcome"] == outcome]

    bundle = until(f"{check_id}: {command} → {outcome}", ended, facts(host).get("patience", 60))[0]
    found = [(finding["rule"], finding["subject"], finding["message"]) for finding in bundle["pre_state"]["findings"]]
    took = seconds_of(bundle["timestamp_end"]) - broken
    work = bundle["action_taken"][0]["duration_sec"]  # the remedy as a whole; its steps follow
    looks = sum(cycle["duration_ms"] for cycle in ended_cycles(host)[-2:]) / 1000
    print(f"{check_id}: {outcome} after {took:.1f} s, remedy {work:.1f} s, two looks {looks:.1f} s; it found {found}")
    rules = {rule} if isinstance(rule, str) else set(rule or ())
    holds(not rules or rules & {each[0] for each in found}, f"{rule} is among {found}")
    allowed = 2 * facts(host)["poll_interval"] * 1.1
    holds(took - work - looks <= allowed, f"healed within two poll intervals: {took:.1f} s, {work + looks:.1f} s work")
    return bundle


def ended_cycles(host: BaseMachine):
    """What the agent logged of its latest cycles, each when it had ended."""
    _, log = host.execute("journalctl -u compliance-agent -o cat -b --no-pager -n 200")
    return [json.loads(line) for line in log.splitlines() if '"msg":"cycle"' in line]


def stay_broken(host: BaseMachine, check_id, command):
    """The third relapse within an hour: the remedy is in quarantine, so this stays broken and is an alert."""
    until(f"{check_id} is compliant", lambda: is_compliant(host, check_id))
    before = len(bundles(host, check_id))
    host.succeed(command)
    bundle = until(f"{check_id}: quarantined", lambda: bundles(host, check_id)[before:])[0]
    holds(bundle["outcome"] == "alert" and bundle["runbook_id"] is None, f"an alert, not {bundle['outcome']}")
    return bundle


def evidence_verifies(host: BaseMachine):
    """All evidence holds, by nothing but its folder and the public key; openssl alone holds the newest bundle."""
    host.succeed("compliance-agent keys show > /tmp/host.pem")
    print(host.succeed(f"compliance-agent evidence verify --dir {EVIDENCE} --public-key /tmp/host.pem"))
    newest = host.succeed(f"ls -td {EVIDENCE}/*/*/*/* | head -n 1 || true").strip()
    host.succeed(
        f"cd {newest}; base64 -d bundle.sig > /tmp/bundle.sig.raw",
        f"cd {newest}; openssl pkeyutl -verify -pubin -inkey /tmp/host.pem -rawin -in bundle.json "
        "-sigfile /tmp/bundle.sig.raw",
    )


PROFILE = "/nix/var/nix/profiles/system"


def systems(host: BaseMachine):
    """Store paths of the generations that a scenario knows, by name."""
    known = facts(host)["systems"].items()
    return {name: host.succeed(f"readlink -f {path}").strip() for name, path in known}


def generation(host: BaseMachine):
    """What runs, what the profile names and by which link, and what would boot where the rig has a boot loader."""
    boot = facts(host).get("boot_default", "true")
    asked = f"readlink -f /run/current-system; readlink -f {PROFILE}; readlink {PROFILE}; {boot}"
    lines = host.succeed(asked).split("\n")
    seen = {"running": lines[0], "profile": lines[1], "link": lines[2], "boot": lines[3] or lines[1]}
    print(seen)
    return seen


def is_whole(host: BaseMachine, system):
    """Whether a system runs, is the profile's and will boot."""
    seen = generation(host)
    return seen["running"] == seen["profile"] == seen["boot"] == system


def put_back_whole(host: BaseMachine, accepted, command, rule):
    """Breaks the generation and waits until the accepted one runs, is the profile's and will boot again."""
    break_and_heal(host, "patching", command, rule=rule)
    holds(is_whole(host, accepted), "running, profile and boot default are the accepted one")
