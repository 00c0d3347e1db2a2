"""The fleet's scenario on machines: violation, healing, upload, view, offline and recovery, each step checked."""

PATIENCE = 120
PORT = 8443
# What breaks each control on a real host, by the rule that should find it, and what a person does about it.
BREAK = {
    ("firewall", "rule_added"): "nft add rule inet nixos-fw input tcp dport 23 accept",
    ("antivirus", "unit_not_active"): "systemctl stop clamav-daemon.service",
    ("encryption", "mount_not_encrypted"): "mkfs.ext4 -q /dev/vdc; mkdir -p /srv/images; mount /dev/vdc /srv/images",
}
MEND = {("encryption", "mount_not_encrypted"): "umount /srv/images"}


def on(step):
    return next(machine for machine in machines if machine.name in (step["host"], step["host"].replace("-", "_")))


def new_bundle(host, step, before, matches):
    return until(
        f"{step['what']}: {step['control']}",
        lambda: [one for one in bundles(host, step["control"])[before:] if matches(one)],
        PATIENCE,
    )[0]


def rules(bundle):
    states = [state for state in (bundle["pre_state"], bundle["post_state"]) if state]
    return [finding["rule"] for state in states for finding in state.get("findings", [])]


def all_received(host):
    held = f"test $(find {EVIDENCE} -name bundle.json | wc -l) = $(find {EVIDENCE} -name receipt.sig | wc -l)"
    until("every bundle has its receipt", lambda: host.execute(held)[0] == 0, 2 * PATIENCE)


def violate(step):
    host, control, finding = on(step), step["control"], step["finding"]
    before = len(bundles(host, control))
    host.succeed(BREAK[control, finding])
    found = new_bundle(host, step, before, lambda one: finding in rules(one))
    print(found["outcome"], rules(found))
    if step["heals"]:
        new_bundle(host, step, before, lambda one: one["outcome"] == "success")
    else:
        host.succeed(MEND[control, finding])
        gone = len(bundles(host, control))
        new_bundle(host, step, gone, lambda one: finding not in rules({**one, "pre_state": None}))
    all_received(host)


def cut(step):
    host = on(step)
    before = len(bundles(host, step["control"]))
    host.succeed("ip link set eth1 down", BREAK[step["control"], step["finding"]])
    healed = new_bundle(host, step, before, lambda one: one["outcome"] == "success")
    host.fail(f"test -e {EVIDENCE}/*/*/*/{healed['bundle_id']}/receipt.sig")


def join(step):
    host = on(step)
    host.succeed("ip link set eth1 up")
    all_received(host)


def sign_in(reader):
    """A one-time token of the server becomes a session, as in a browser."""
    scope = f"--site {reader['site']}" if reader["site"] else ""
    as_server(server, f"readers add {reader['name']} --role {reader['role']} {scope}")
    token = as_server(server, f"readers token {reader['name']} 2>/dev/null").strip()
    form = f"-H 'sec-fetch-site: same-origin' --data-urlencode token={token} https://server:{PORT}/sign-in"
    status = curl(reader["name"], f"-w '%{{http_code}}' -o /dev/null {form}")
    holds(status == "303", f"{reader['name']} signs in: {status}")


def curl(reader, words):
    jar = f"/var/tmp/{reader}.cookies"
    return operator.succeed(f"curl -sS --cacert {KEYS}/ca.pem -b {jar} -c {jar} {words}")


def view(step):
    status = step.get("status", 200)

    def right():
        ask = f"-w '\\n%{{http_code}}' 'https://server:{PORT}{step['path']}'"
        page, _, seen = curl(step["as"], ask).rpartition("\n")
        text = page.lower()
        return (
            int(seen) == status
            and all(word.lower() in text for word in step["contains"])
            and not any(word.lower() in text for word in step["lacks"])
        )

    until(step["what"], right, PATIENCE)


def verify(_step):
    print(as_server(server, "verify"))


def make_volume(host):
    """A LUKS volume as an administrator makes one, mounted where records lie."""
    host.succeed(
        "echo demo | cryptsetup luksFormat --batch-mode --pbkdf-memory 65536 /dev/vdb -",
        "echo demo | cryptsetup open /dev/vdb records -",
        "mkfs.ext4 -q /dev/mapper/records; mkdir -p /srv/records; mount /dev/mapper/records /srv/records",
    )


PLAY = {"violate": violate, "cut": cut, "join": join, "view": view, "verify": verify}

start_all()
scenario = facts(server)["scenario"]
hosts = [(one["name"], on({"host": one["name"]})) for one in scenario["hosts"]]
make_authority(operator)
serve(operator, server, *[host for _, host in hosts])
for name, host in hosts:
    enrol(operator, server, host, name)
make_volume(hosts[0][1])
for reader in scenario["readers"]:
    sign_in(reader)
for _, host in hosts:
    wait_for_attestation(host)

for step in scenario["steps"]:
    if "machines" not in step.get("forms", ["machines"]):
        print(f"left out on machines: {step['what']}")
        continue
    with subtest(step["what"]):
        PLAY[step["do"]](step)
for _, host in hosts:
    evidence_verifies(host)
