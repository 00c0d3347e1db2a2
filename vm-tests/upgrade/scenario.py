"""State of an older version is brought up to date and its chain goes on; state of a newer version is refused, untouched."""

STATE = "/var/lib/compliance-agent"
INDEX = f"{STATE}/evidence.db"
# By what each rig has: NixOS a whole Python, Debian the product's own library.
SQL = {
    "nixos": "python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())'",
    "nspawn": 'node -e "require(\'/opt/compliance-agent/node_modules/better-sqlite3\')(process.argv[1])'
    ".exec(require('fs').readFileSync(process.argv[2], 'utf8'))\"",
}
# What the first version knew; everything else is for the migrations to make.
KNOWN = {
    "bundle": "position, bundle_id, sha256, chain_id, sequence, previous_digest, key_id, check_id, outcome, order_id, "
    "started_at, ended_at, size, receipted",
    "head": "one, chain_id, sequence, digest, key_id",
    "folder": "day, mtime_ns",
}


def sql(file, text):
    write(clinic, "/var/tmp/ask.sql", text)
    clinic.succeed(as_user("compliance-agent", f"{SQL[facts(clinic)['rig']]} {file} /var/tmp/ask.sql"))


def starts():
    return [one for one in bundles(clinic, "agent") if one["post_state"]["event"] == "start"]


def goes_on(before):
    """The agent has begun anew, and its chain is whole: one, without a gap, all of it in the index."""
    clinic.succeed("systemctl start compliance-agent.service")
    until("the agent has begun anew", lambda: len(starts()) > before)
    chain = bundles(clinic)
    print([(one["sequence"], one["check"], one["outcome"]) for one in chain][-5:])
    holds(len({one["chain_id"] for one in chain}) == 1, "one chain")
    holds([one["sequence"] for one in chain] == list(range(1, len(chain) + 1)), "without a gap")
    holds(starts()[-1]["post_state"]["missing"] == 0, "nothing is missing")
    clinic.succeed("systemctl stop compliance-agent.service")
    indexed = json.loads(clinic.succeed("compliance-agent evidence stats --json"))
    print(indexed)
    holds(indexed["bundles"] == len(bundles(clinic)), "every bundle is in the index")


start_all()
wait_for_attestation(clinic)
clinic.succeed("systemctl stop compliance-agent.service")

with subtest("An index of the first version: brought up to date, and the chain goes on"):
    copies = "".join(f"INSERT INTO {table} ({fields}) SELECT {fields} FROM new.{table};\n" for table, fields in KNOWN.items())
    schema = clinic.succeed("cat /etc/first-schema.sql")
    sql(f"{STATE}/older.db", f"{schema}\nATTACH '{INDEX}' AS new;\n{copies}")
    clinic.succeed(f"rm -f {INDEX}-wal {INDEX}-shm; mv {STATE}/older.db {INDEX}")
    goes_on(len(starts()))

with subtest("An index of a newer version: refused with a sentence, and left as it is"):
    clinic.succeed(f"cp -p {INDEX} /var/tmp/kept.db")
    sql(INDEX, "PRAGMA user_version = 99;")
    digest = clinic.succeed(f"sha256sum {INDEX}")
    written = len(bundles(clinic))
    clinic.execute("timeout 20 systemctl start compliance-agent.service")
    said = "journalctl -u compliance-agent.service -o cat --no-pager | grep 'of a newer version of this program'"
    print(until("it refuses the newer index", lambda: clinic.execute(said)[1]))
    clinic.succeed("systemctl stop compliance-agent.service")
    holds(clinic.succeed(f"sha256sum {INDEX}") == digest, "the index is as it was")
    holds(len(bundles(clinic)) == written, "and no evidence was written beside it")
    clinic.succeed(f"cp -p /var/tmp/kept.db {INDEX}")
    goes_on(len(starts()))

with subtest("No index at all: made anew from the evidence, and the chain goes on"):
    clinic.succeed(f"rm {INDEX}*")
    goes_on(len(starts()))

with subtest("The evidence of all of it verifies"):
    clinic.succeed("systemctl start compliance-agent.service")
    evidence_verifies(clinic)
