"""Power cuts amid evidence, upload, a remedy and a switch: nothing acknowledged is lost, nothing runs twice, nothing is left half."""

FREEZE = "compliance-agent freeze; compliance-agent unfreeze"


def power_cut(after=0.0):
    time.sleep(after)
    clinic.crash()
    clinic.start()
    clinic.succeed("systemctl start compliance-agent.service")


def kept_by_server():
    """Bundles that the server has receipted, those that a later one shows to be missing, and forks."""
    hosts = json.loads(as_server(server, "hosts list --json"))
    chains = [chain for host in hosts if host["host_id"] == "clinic-1" for chain in host["chains"]]
    seen = {name: sum(chain[name] for chain in chains) for name in ("bundles", "missing", "forks")}
    print(seen)
    return seen


def listed():
    """Bundles that the agent's index has: each was durable before it came there."""
    rows = json.loads(clinic.succeed("compliance-agent evidence list --limit 1000 --json"))["bundles"]
    return {row["bundle_id"] for row in rows}


def hurry():
    """What waits for the server need not wait for its next try; an agent that is still starting cannot be told so."""
    clinic.execute("compliance-agent queue retry")
    return kept_by_server()


def nothing_is_lost():
    """The evidence verifies, without a gap, and holds all that the server has receipted: a lost one would show as a fork."""
    chain = bundles(clinic)
    holds([one["sequence"] for one in chain] == list(range(1, len(chain) + 1)), [one["sequence"] for one in chain])
    kept = kept_by_server()
    highest = kept["bundles"] + kept["missing"]
    holds(kept["forks"] == 0 and highest <= len(chain), f"{len(chain)} here, at the server {kept}")
    evidence_verifies(clinic)


def results():
    """What root's remedies did, by number, from root's own folder."""
    text = clinic.succeed(f"cat {ROOT_STATE}/results/* 2>/dev/null || true")
    found, decoder = {}, json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text.strip())
        text = text.strip()[end:]
        found[one["number"]] = one
    return found


def recorded():
    """Numbers of root's results, as evidence names them."""
    firsts = [one["action_taken"][0]["command"] for one in bundles(clinic) if one["runbook_id"] and one["action_taken"]]
    return sorted(int(command.rpartition(" ")[2]) for command in firsts if " result " in command)


def is_settled():
    done = results()
    return all(one["state"] == "finished" for one in done.values()) and recorded() == sorted(done)


def each_run_once(remedy, before):
    """Every run of root's has ended and has one bundle, also the one that was cut off; a later one is another try."""
    until("every run has ended and is recorded", is_settled, 300)
    cut = [one for number, one in results().items() if number not in before and one["remedy"] == remedy]
    print([(one["number"], one["outcome"], one["error"]) for one in cut])
    holds(cut, f"a run of {remedy}")


def during(unit, command, remedy):
    """Breaks something and cuts the power while the remedy for it is at work."""
    before = results()
    clinic.succeed("touch /run/slow")
    clinic.succeed(command)
    clinic.wait_until_succeeds(f"systemctl show -P ActiveState '{unit}' | grep -Eq '^(activating|active)$'", timeout=300)
    begun = [one for number, one in results().items() if number not in before]
    holds([(one["remedy"], one["state"]) for one in begun] == [(remedy, "started")], begun)
    power_cut()
    return before


start_all()
make_authority(operator)
serve(operator, server, clinic)
enrol(operator, server, clinic, "clinic-1")
good, other = systems(clinic)["good"], systems(clinic)["other"]

with subtest("Compliant to begin with, and the server receipts it"):
    until("compliant", lambda: is_compliant(clinic, "patching") and is_compliant(clinic, "antivirus"), 300)
    until("a receipt", lambda: hurry()["bundles"] > 0, 300)

with subtest("While evidence is written: what was acknowledged is there, and the chain goes on"):
    clinic.succeed(*[FREEZE] * 3)  # the agent's next cycle records all six
    until("the first of them", lambda: bundles(clinic, "freeze"), 300)
    acknowledged = listed()
    power_cut()
    chain = {one["bundle_id"] for one in bundles(clinic)}
    print(f"{len(acknowledged)} were acknowledged, {len(chain)} are there")
    holds(acknowledged <= chain, acknowledged - chain)
    until("all six", lambda: len(bundles(clinic, "freeze")) == 6, 300)
    nothing_is_lost()

with subtest("During the upload: the server has each bundle exactly once"):
    server.succeed("systemctl stop compliance-server.service")
    clinic.succeed(*[FREEZE] * 3)
    until("all six", lambda: len(bundles(clinic, "freeze")) == 12, 300)
    server.succeed("systemctl start compliance-server.service")
    server.wait_for_open_port(8443)
    clinic.succeed("compliance-agent queue retry")
    power_cut(after=0.5)

    def all_kept():
        kept, here = kept_by_server(), len(bundles(clinic))
        return kept["bundles"] == here and kept["missing"] == 0

    until("each is at the server", all_kept, 300)
    nothing_is_lost()

with subtest("During a remedy: it has run once, and that is evidence"):
    before = during("clinic-av.service", "systemctl stop clinic-av.service", "restart_av_service")
    each_run_once("restart_av_service", before)
    until("compliant", lambda: is_compliant(clinic, "antivirus"), 300)
    nothing_is_lost()

with subtest("During a switch: the host is whole, it has run once, and that is evidence"):
    switched = f"systemctl stop compliance-agent; {other}/bin/switch-to-configuration switch; nix-env -p {PROFILE} --set {other}"
    remedy = "update_to_baseline_generation"
    before = during("compliance-agent-switch-switch.service", f"{switched}; systemctl start compliance-agent", remedy)
    each_run_once(remedy, before)
    # What the switch had not flushed is gone: it may have been cut off before or after, but not be half.
    until("the accepted generation runs, and will boot", lambda: is_whole(clinic, good), 300)
    until("compliant", lambda: is_compliant(clinic, "patching"), 300)
    nothing_is_lost()
