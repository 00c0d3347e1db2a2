"""The accepted generation is put back as running system, profile and boot default; a refused check defers."""

start_all()
clinic.wait_for_unit("compliance-agent.service")
good, other = systems(clinic)["good"], systems(clinic)["other"]
SWITCH = f"{other}/bin/switch-to-configuration"

with subtest("The first start accepts what runs, and that is evidence"):
    until("compliant", lambda: is_compliant(clinic, "patching"))
    accepted = bundles(clinic, "acceptance")
    print([one["post_state"] for one in accepted])
    holds(accepted[0]["post_state"]["generation"] == good, accepted)

with subtest("Another generation set in the profile: put back, whole"):
    put_back_whole(clinic, good, f"nix-env -p {PROFILE} --set {other}", rule="reboot_pending")

with subtest("Another generation activated by `switch-to-configuration test`: put back, whole"):
    put_back_whole(clinic, good, f"{SWITCH} test", rule="running_not_accepted")

with subtest("The pre-switch check refuses: deferred, and nothing is changed"):
    command = f"{SWITCH} switch; touch /run/refuse-switch"
    bundle = break_and_heal(clinic, "patching", command, rule="running_not_accepted", outcome="deferred")
    actions = [one["action"] for one in bundle["action_taken"]]
    print(actions)
    holds("set_profile" not in actions, actions)
    holds(generation(clinic)["running"] == other, "the other system runs on")

with subtest("Once the check lets it, it is healed"):
    clinic.succeed("rm /run/refuse-switch")
    until("healed", lambda: is_compliant(clinic, "patching"), 120)
    holds(is_whole(clinic, good), "running, profile and boot default are the accepted one")
    evidence_verifies(clinic)
