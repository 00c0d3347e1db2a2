"""With the disk of its state full the agent looks on and mends nothing; once there is room nothing that it saw is lost."""

STATE = "/var/lib/compliance-agent"
FILL = f"dd if=/dev/zero of={STATE}/fill bs=4k status=none"


def status():
    return json.loads(clinic.succeed("compliance-agent status --json"))["daemon"]


def results():
    return clinic.execute(f"ls {ROOT_STATE}/results")[1].split()


start_all()
clinic.succeed(
    f"systemctl start clinic-av.service; mkdir -p {STATE}",
    f"mount -t tmpfs -o size=6m,mode=0750,uid=$(id -u compliance-agent),gid=$(id -g compliance-agent) tmpfs {STATE}",
    "systemctl start compliance-agent.service",
)

with subtest("While there is room, what drifts is healed"):
    break_and_heal(clinic, "antivirus", "systemctl stop clinic-av.service", rule="unit_not_active")
    runs = results()

with subtest("Full: drift is seen, said, and left alone, as what cannot be proved must not be done"):
    clinic.fail(FILL)
    print(clinic.succeed(f"df {STATE}"))
    clinic.succeed("systemctl stop clinic-av.service")
    failure = until("the agent says that evidence cannot be written", lambda: status()["evidence_failure"])
    print(failure)
    holds(failure["code"] == "storage_full", failure)
    cycles = status()["counters"]["loops_completed"]
    until("three more cycles", lambda: status()["counters"]["loops_completed"] >= cycles + 3)
    holds(results() == runs, f"no remedy has run: {results()}")
    clinic.fail("systemctl is-active clinic-av.service")

with subtest("Room again: what was seen meanwhile is in evidence with its own time, then it is healed"):
    freed = now(clinic)
    before = len(bundles(clinic, "antivirus"))
    clinic.succeed(f"rm {STATE}/fill")
    until("healed", lambda: [one for one in bundles(clinic, "antivirus")[before:] if one["outcome"] == "success"])
    seen = [(one["timestamp_start"], one["outcome"]) for one in bundles(clinic, "antivirus")[before:]]
    print(freed, seen)
    early = [one for one in seen if seconds_of(one[0]) < freed and one[1] != "success"]
    holds(early, f"the drift of that time is in evidence: {seen}")
    holds(status()["evidence_failure"] is None, "the agent says that it can write again")

with subtest("An agent that must start on a full disk breaks nothing"):
    clinic.fail(FILL)
    clinic.execute("timeout 20 systemctl restart compliance-agent.service")
    clinic.sleep(5)
    clinic.succeed(f"rm {STATE}/fill", "systemctl reset-failed compliance-agent || true; systemctl start compliance-agent")
    clinic.wait_for_unit("compliance-agent.service")
    until("it goes round", lambda: status() and status()["counters"]["loops_completed"] > 1)
    break_and_heal(clinic, "antivirus", "systemctl stop clinic-av.service", rule="unit_not_active")
    chains = {one["chain_id"] for one in bundles(clinic)}
    holds(len(chains) == 1, f"one chain: {chains}")
    evidence_verifies(clinic)
