"""A server on PostgreSQL behind NGINX has each bundle of two hosts exactly once, whatever of it was away meanwhile."""

DATABASE = "compliance-evidence"
HOSTS = {"clinic-1": clinic, "ward-1": ward}
HEALTH = "https://server:8443/health"
UPLOAD = "https://server:8443/api/evidence"


def queue(host):
    return json.loads(host.succeed("compliance-agent queue status --json"))


def is_shipped(host):
    """Nothing waits, and every bundle has its receipt; what has backed off is asked to try now."""
    host.succeed("compliance-agent queue retry --json")
    seen = queue(host)
    receipts = int(host.succeed(f"find {EVIDENCE} -name receipt.sig | wc -l"))
    return seen["pending"] == 0 and receipts == len(bundles(host))


def kept():
    """Bundles that the server keeps, by host."""
    listed = json.loads(as_server(server, "verify --json"))
    print(listed)
    holds(all(one["faults"] == [] for one in [*listed["hosts"], listed["log"]]), "all that is kept holds")
    return {one["host_id"]: one["bundles"] for one in listed["hosts"]}


def hold_evidence(host):
    """Two bundles that no check has to be waited for."""
    host.succeed("compliance-agent freeze", "compliance-agent unfreeze")


def answer(host, options, url):
    """The status that NGINX or the server gives."""
    command = f"curl -s -o /dev/null -w '%{{http_code}}' --cacert {KEYS}/ca.pem {options} {url}"
    status = host.succeed(command)
    print(options, url, status)
    return status


def is_complete():
    """The server has just what the hosts have, seen before and after."""
    before = {name: len(bundles(host)) for name, host in HOSTS.items()}
    return kept() == before == {name: len(bundles(host)) for name, host in HOSTS.items()}


start_all()
make_authority(operator)
serve(operator, server, clinic, ward)

with subtest("Two hosts are enrolled, and each bundle of theirs is receipted"):
    for name, host in HOSTS.items():
        enrol(operator, server, host, name)
    for host in HOSTS.values():
        wait_for_attestation(host)
        until("all shipped", lambda: is_shipped(host), 120)

with subtest("A host without a certificate is refused, and one with another's uploads nothing in its name"):
    holds(answer(clinic, "", HEALTH) == "200", "the server is there")
    holds(answer(clinic, "-F bundle=x -F signature=y", UPLOAD) in ("401", "403"), "no certificate")
    own = f"--cert {KEYS}/ward-1.pem --key {KEYS}/ward-1.key"
    newest = clinic.succeed(f"ls -td {EVIDENCE}/*/*/*/* | head -n 1").strip()
    for file in ("bundle.json", "bundle.sig"):
        carry(f"{newest}/{file}", clinic, ward)
    form = f"{own} -F bundle=@{newest}/bundle.json -F signature=@{newest}/bundle.sig"
    refused = answer(ward, form, UPLOAD)
    ward.succeed(f"rm -r {newest}")
    holds(refused.startswith("4"), "another host's bundle")

with subtest("The server's own role can neither change nor remove evidence"):
    for statement in ("update evidence set host_id = 'x'", "delete from evidence", "drop table evidence"):
        command = as_user("compliance-server", f'cd /; psql -d {DATABASE} -c "{statement}" 2>&1')
        status, output = server.execute(command)
        print(statement, output)
        holds(status != 0 and ("permission denied" in output or "must be owner" in output), output)

for away in ("postgresql.service", "nginx.service", "compliance-server.service"):
    with subtest(f"{away} is away: the hosts go on; back again it has each of their bundles exactly once"):
        server.succeed(f"systemctl stop {away}")
        for host in HOSTS.values():
            hold_evidence(host)
            until("evidence waits", lambda: queue(host)["pending"] >= 2)
        server.succeed(f"systemctl start {away} {facts(server)['units']}")
        for host in HOSTS.values():
            until("all shipped", lambda: is_shipped(host), 120)
        until("just as many at the server", is_complete, 60)

with subtest("The evidence of both verifies"):
    for host in HOSTS.values():
        evidence_verifies(host)
