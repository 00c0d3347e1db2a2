"""Agent, remedies or the whole machine killed at random points of detect → heal → record: one run an intent, one
bundle a run.

KILLS=300 in the environment is the long form; on NixOS's driver it is always the short one.
"""

import os
import random

KILLS = int(os.environ.get("KILLS", "24"))
JOURNAL = "/var/lib/compliance-agent/journal.json"
UNITS = {"agent": "compliance-agent.service", "remedy": "'compliance-agent-remedy-*.service'"}


def fresh_start():
    """All is as it should be, and nothing of an earlier round is left that would be a relapse or put a remedy off."""
    clinic.succeed(f"systemctl stop compliance-agent; rm -f {JOURNAL} {ROOT_STATE}/results/*")
    if not is_whole(clinic, good):
        clinic.succeed(f"nix-env -p {PROFILE} --set {good}; {good}/bin/switch-to-configuration switch")
    clinic.succeed("systemctl start clinic-av.service compliance-agent.service")


def intents():
    status, text = clinic.execute(f"cat {JOURNAL}")
    return json.loads(text)["intents"] if status == 0 else []


def runs():
    """What root wrote of each run, by its number."""
    _, lines = clinic.execute(f"grep -h '' {ROOT_STATE}/results/*.json")
    return {run["number"]: run for run in map(json.loads, lines.splitlines())}


def recorded():
    """The bundles that name a run, by its number: one each, where all is well."""
    found: dict[int, list[dict]] = {}
    for bundle in bundles(clinic):
        command = bundle["action_taken"][0]["command"] if bundle["action_taken"] else ""
        if " result " in command:
            found.setdefault(int(command.split(" result ")[1]), []).append(bundle)
    return found


def is_settled():
    """At least one run, none under way, each recorded, and no intent open; and so it is while nothing can begin."""

    def is_quiet():
        seen = runs()
        ended = all(run["state"] == "finished" for run in seen.values())
        return seen and ended and set(seen) <= set(recorded()) and intents() == []

    if not is_quiet():
        return False
    clinic.succeed("systemctl stop compliance-agent")
    working = clinic.succeed("systemctl list-units --no-legend --plain 'compliance-agent-remedy-*.service'")
    if working.strip() == "" and is_quiet():
        return True
    clinic.succeed("systemctl start compliance-agent")
    return False


def kill(target):
    if target == "machine":
        clinic.crash()
        clinic.start()
    else:
        clinic.execute(f"systemctl kill --signal=SIGKILL {UNITS[target]}")


start_all()
clinic.wait_for_unit("compliance-agent.service")
good, other = systems(clinic)["good"], systems(clinic)["other"]
wait_for_attestation(clinic)
killed = {"agent": 0, "remedy": 0, "machine": 0}
proved, interrupted, unclaimed, sequence = 0, 0, 0, 0

with subtest(f"{KILLS} kills: what had begun has ended, is recorded once, and no system is half switched"):
    while sum(killed.values()) < KILLS:
        fresh_start()
        clinic.succeed(
            f"systemctl stop clinic-av.service; nix-env -p {PROFILE} --set {other}; "
            f"{other}/bin/switch-to-configuration switch"
        )
        told = []
        for _ in range(random.randint(1, 4)):
            delay = random.uniform(0, 2.5)
            time.sleep(delay)
            target = random.choices(list(killed), weights=[2, 2, 1])[0]
            kill(target)
            killed[target] += 1
            told.append(f"{target} after {delay:.2f} s")
        said = f"kills up to {sum(killed.values())} ({', '.join(told)})"
        print(said)
        until(f"{said}: everything has ended and is recorded", is_settled, 180)
        for number, run in runs().items():
            found = recorded()[number]
            holds(len(found) == 1, f"{said}: result {number} has {len(found)} bundles")
            proved += 1
            interrupted += (run["error"] or {}).get("code") == "interrupted"
            unclaimed += found[0]["pre_state"] is None
        seen = generation(clinic)
        systems_now = {seen["running"], seen["profile"], seen["boot"]}
        holds(len(systems_now) == 1 and systems_now <= {good, other}, f"{said}: one system, whole: {seen}")
    print(f"{killed}: {proved} runs, {interrupted} of them cut off and settled, each with one bundle")
    holds(unclaimed == 0, f"every run was begun by an intent: {unclaimed} were not")

with subtest("The evidence of all of it verifies"):
    clinic.succeed("systemctl start compliance-agent")
    evidence_verifies(clinic)
