"""The server is away across a reboot and a clock that jumps both ways: then it gets each bundle exactly once."""

HOUR = 3600


def record():
    """Two bundles, by the agent's next cycle."""
    before = len(bundles(clinic, "freeze"))
    clinic.succeed("compliance-agent freeze; compliance-agent unfreeze")
    until("both are recorded", lambda: len(bundles(clinic, "freeze")) == before + 2, 300)


def queue():
    status = json.loads(clinic.succeed("compliance-agent queue status --json"))
    print(status)
    return status


def set_clock(seconds_off):
    """Sets the host's clock so far from the right time, which is that of the driver."""
    clinic.succeed(f"date -s @{int(time.time()) + seconds_off}")


def is_shipped():
    """Nothing waits here, and the server has each bundle once: none twice, none missing, no fork."""
    if queue()["pending"] > 0:
        return False
    hosts = json.loads(as_server(server, "hosts list --json"))
    [chain] = [chain for host in hosts if host["host_id"] == "clinic-1" for chain in host["chains"]]
    seen = {name: chain[name] for name in ("bundles", "missing", "forks")}
    here = len(bundles(clinic))
    print(f"{here} here, at the server {seen}")
    return seen == {"bundles": here, "missing": 0, "forks": 0}


def outages():
    """How often since its boot the host could not use the server."""
    _, count = clinic.execute("journalctl -b -u compliance-agent -o cat | grep -c 'server out of reach'")
    return int(count)


def refused():
    """Two bundles that the server, which is there, would not take: their next try waits, as no outage ends for it."""
    before = outages()
    as_server(server, "hosts retire clinic-1")
    record()
    until("a try was refused", lambda: outages() > before, 300)
    holds(queue()["pending"] >= 2, "both wait")


def take_back():
    as_server(server, "hosts enrol /var/tmp/clinic-1.json")


start_all()
make_authority(operator)
serve(operator, server, clinic)
enrol(operator, server, clinic, "clinic-1")

with subtest("With the server there, everything is shipped"):
    clinic.succeed("compliance-agent queue retry")  # refused until it was enrolled, it would wait two minutes
    until("shipped", is_shipped, 300)

with subtest("The server is away: bundles wait, also those that a clock two days ahead and one an hour behind date"):
    server.succeed("systemctl stop compliance-server.service")
    record()
    set_clock(48 * HOUR)
    record()
    set_clock(-HOUR)
    record()
    holds(queue()["pending"] >= 6, "all of them wait")

with subtest("They outlive a reboot, which sets the clock right"):
    waited = queue()["pending"]
    clinic.reboot()
    off = abs(now(clinic) - time.time())
    holds(off < 60, f"the clock is right again: {off:.0f} s off")
    clinic.succeed("systemctl start compliance-agent.service")
    record()
    holds(queue()["pending"] > waited, "all of them wait, and new ones")

with subtest("The server is back: each bundle gets there exactly once, by the agent's own doing"):
    server.succeed("systemctl start compliance-server.service")
    server.wait_for_open_port(8443)
    until("shipped", is_shipped, 600)

with subtest("What was refused under a clock two hours ahead does not wait until then"):
    set_clock(2 * HOUR)
    refused()
    set_clock(0)
    take_back()
    until("shipped", is_shipped, 400)

with subtest("What was refused before a reboot is tried again after it"):
    refused()
    clinic.shutdown()
    take_back()
    clinic.start()
    clinic.succeed("systemctl start compliance-agent.service")
    until("shipped", is_shipped, 400)

with subtest("The chain is whole, and the evidence verifies"):
    chain = bundles(clinic)
    holds([one["sequence"] for one in chain] == list(range(1, len(chain) + 1)), [one["sequence"] for one in chain])
    evidence_verifies(clinic)
