"""Agent or remedy killed at random points of detect → heal → record: one run an intent, one bundle a run.

KILLS=300 in the environment is the long form; on NixOS's driver it is always the short one.
"""

import os
import random

KILLS = int(os.environ.get("KILLS", "24"))
JOURNAL = "/var/lib/compliance-agent/journal.json"
TARGETS = {"agent": "compliance-agent.service", "remedy": "'compliance-agent-remedy-*.service'"}


def fresh_start():
    """The unit runs, and nothing of an earlier round is left that would be a relapse."""
    clinic.succeed(
        f"systemctl stop compliance-agent; rm -f {JOURNAL} {ROOT_STATE}/results/*",
        "systemctl start clinic-av.service compliance-agent.service",
    )


def intents():
    status, text = clinic.execute(f"cat {JOURNAL}")
    return json.loads(text)["intents"] if status == 0 else []


def runs():
    """What root wrote of each run, by its number."""
    _, lines = clinic.execute(f"grep -h '' {ROOT_STATE}/results/*.json")
    return {run["number"]: run for run in map(json.loads, lines.splitlines())}


def recorded():
    """The numbers of the runs that bundles name, one for each bundle."""
    actions = [one["action_taken"][0]["command"] for one in bundles(clinic, "antivirus") if one["action_taken"]]
    return [int(command.split(" result ")[1]) for command in actions if " result " in command]


def is_settled():
    """At least one run, none under way, each recorded, and no intent open."""
    seen = runs()
    ended = all(run["state"] == "finished" for run in seen.values())
    return seen and ended and set(seen) <= set(recorded()) and intents() == []


clinic.start()
killed = {"agent": 0, "remedy": 0}
settled = interrupted = 0

with subtest(f"{KILLS} kills: everything that had begun has ended, is recorded once, and the unit runs"):
    for number in range(1, KILLS + 1):
        fresh_start()
        holds(intents() == [], "no intent was left before")
        clinic.succeed("systemctl stop clinic-av.service")
        delay = random.uniform(0, 5)
        time.sleep(delay)
        target = random.choice(list(TARGETS))
        clinic.execute(f"systemctl kill --signal=SIGKILL {TARGETS[target]}")
        killed[target] += 1
        until(f"kill {number} ({target} after {delay:.2f} s): everything has ended and is recorded", is_settled, 90)
        for run in runs().values():
            times = recorded().count(run["number"])
            holds(times == 1, f"result {run['number']} has {times} bundles")
            settled += 1
            interrupted += (run["error"] or {}).get("code") == "interrupted"
        until("the unit runs", lambda: clinic.execute("systemctl is-active clinic-av.service")[0] == 0)
    print(f"{killed}: {settled} runs, {interrupted} of them cut off and settled, each with one bundle")

with subtest("The evidence of all of it verifies"):
    evidence_verifies(clinic)
