"""A switch that restarts the agent in the middle of its own remedy ends once, and its evidence is complete."""


def healed(host):
    return [one for one in bundles(host, "patching") if one["runbook_id"] and one["action_taken"]]


def cycles_since_remedy(host):
    log = host.succeed("journalctl -u compliance-agent -o cat -b --no-pager")
    return log.split('"msg":"remedy ended"')[-1].count('"msg":"cycle"')


start_all()
clinic.wait_for_unit("compliance-agent.service")
good, other = systems(clinic)["good"], systems(clinic)["other"]

with subtest("Another agent finishes what the one before began"):
    until("compliant to begin with", lambda: is_compliant(clinic, "patching"))
    clinic.succeed(f"{other}/bin/switch-to-configuration switch")
    before = clinic.succeed("systemctl show -P MainPID compliance-agent")
    until("healed and proved", lambda: healed(clinic), 120)
    after = clinic.succeed("systemctl show -P MainPID compliance-agent")
    print(before, after)
    holds(after != before, "another agent now")
    holds(is_whole(clinic, good), "the accepted system runs")

with subtest("One run, one bundle, a success with what was before"):
    until("two more cycles", lambda: cycles_since_remedy(clinic) >= 2)
    seen = healed(clinic)
    results = clinic.succeed(f"ls {ROOT_STATE}/results").split()
    print(results, [(one["outcome"], one["error"], one["pre_state"] is not None) for one in seen])
    holds(len(seen) == 1 and seen[0]["outcome"] == "success", "one bundle, a success")
    holds(seen[0]["pre_state"] is not None, "with what was before")
    holds(len(results) == 1, f"one run: {results}")
    evidence_verifies(clinic)
