"""Drift to other generations is put back; one that is not healthy goes back to the exact earlier path, and so does a refusal."""

REMEDY = "update_to_baseline_generation"
sequence = 0


def order(system):
    """An order for a generation, signed at the operator's own computer."""
    global sequence
    sequence += 1
    draft = {
        "type": "compliance-agent/order-draft/v1",
        "order_id": f"0b54c1b2-6c5e-4b7e-9a43-0d1d2c3b4a5{sequence}",
        "host_id": "clinic-1",
        "site_id": "site-1",
        "runbook_id": REMEDY,
        "params": {"generation": system},
        "sequence": sequence,
        "check": "patching",
        "reason": "the script of the test asks for it",
        "bundle_sha256": None,
        "requested_at": "2026-01-01T00:00:00.000Z",
    }
    write(operator, "/var/tmp/draft.json", json.dumps(draft))
    return operator.succeed(f"compliance-server orders sign --key {KEYS}/operator.key /var/tmp/draft.json")


def reverted(system):
    """Ordered, and put back: running system, profile, its very link and boot default are what they were."""
    before = generation(clinic)
    answer = hand_over(clinic, order(system))
    holds(answer["ran"] and answer["result"]["outcome"] == "reverted", answer)
    after = generation(clinic)
    holds(after == before, f"as before: {after}")


start_all()
make_authority(operator)
carry(f"{KEYS}/operators.pem", operator, clinic)
known = systems(clinic)
good, older = known["good"], known["older"]
clinic.succeed(f"nix-env -p {PROFILE} --set {older}", f"nix-env -p {PROFILE} --set {good}")
clinic.succeed("systemctl start compliance-agent.service")

with subtest("The first start accepts what runs, the third of three generations"):
    print(clinic.succeed(f"ls -l {PROFILE}*"))
    until("compliant", lambda: is_compliant(clinic, "patching"), 300)
    holds(bundles(clinic, "acceptance")[0]["post_state"]["generation"] == good, bundles(clinic, "acceptance"))

with subtest("An old generation runs again, profile and all: put back, whole"):
    to_older = f"nix-env -p {PROFILE} --switch-generation 2; {older}/bin/switch-to-configuration switch"
    put_back_whole(clinic, good, to_older, rule="running_not_accepted")

with subtest("A rogue profile link, past nix-env: put back, whole"):
    put_back_whole(clinic, good, f"ln -sfn {known['next']} {PROFILE}", rule="profile_not_accepted")

with subtest("An old generation by `switch-to-configuration test`: put back, whole"):
    put_back_whole(clinic, good, f"{older}/bin/switch-to-configuration test", rule="running_not_accepted")

with subtest("A generation in which a unit fails: back to the exact earlier one"):
    reverted(known["sick"])
    clinic.succeed("systemctl reset-failed ehr.service || true")

with subtest("A switch that fails once the boot default is written: back to the exact earlier one"):
    debian_only(clinic, "no NixOS system can be declared whose switch ends so")
    reverted(known["half"])

with subtest("A refused pre-switch check: deferred, and nothing is changed"):
    before = generation(clinic)
    clinic.succeed("touch /run/refuse-switch")
    answer = hand_over(clinic, order(known["next"]))
    clinic.succeed("rm /run/refuse-switch")
    holds(answer["result"]["outcome"] == "deferred", answer)
    holds(generation(clinic) == before, "as before")

with subtest("Changed switch inhibitors: deferred, and nothing is changed"):
    nixos_only(clinic, "the check of inhibitors is NixOS's own")
    before = generation(clinic)
    answer = hand_over(clinic, order(known["inhibited"]))
    holds(answer["result"]["outcome"] == "deferred", answer)
    holds(generation(clinic) == before, "as before")

with subtest("A unit that had failed before does not fail the heal: the ordered generation is accepted"):
    clinic.execute("systemctl start unrelated.service")
    answer = hand_over(clinic, order(known["next"]))
    holds(answer["ran"] and answer["result"]["outcome"] == "success", answer)
    holds(is_whole(clinic, known["next"]), "the ordered generation runs and will boot")
    accepted = clinic.succeed(f"cat {ROOT_STATE}/accepted-generation").strip()
    holds(accepted == known["next"], accepted)

with subtest("After a reboot it still runs, and is still the accepted one"):
    clinic.reboot()
    clinic.succeed("systemctl start compliance-agent.service")
    holds(is_whole(clinic, known["next"]), "it was booted")
    until("compliant", lambda: is_compliant(clinic, "patching"), 300)

with subtest("The firmware's own variable says that the entry of loader.conf was booted"):
    nixos_only(clinic, "Debian's machine is booted by QEMU itself, without firmware")
    selected = clinic.succeed("bootctl list --json=short")
    print(selected)
    [entry] = [one for one in json.loads(selected) if one.get("isSelected")]
    holds(entry.get("isDefault") and known["next"] in entry.get("options", ""), entry)

with subtest("After root's state was wiped an old order is refused"):
    old = order(good)
    clinic.succeed(f"sleep 1; rm {ROOT_STATE}/state.json")
    answer = hand_over(clinic, old)
    holds(not answer["ran"] and answer["error"]["params"].get("reason") == "order before_state", answer)

with subtest("All that root did is evidence, and it verifies"):

    def recorded():
        return [one["outcome"] for one in bundles(clinic, "patching") if one["runbook_id"] == REMEDY]

    until("evidence of seven runs", lambda: len(recorded()) >= 7, 300)
    print(recorded())
    evidence_verifies(clinic)
