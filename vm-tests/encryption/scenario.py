"""Encryption at rest on real LUKS: root, records and swap are compliant; each way out of it is an alert that names it."""

RECORDS, SPARE, SCRATCH = facts(clinic)["disks"]
KEY = "--key-file /root/records.key"
QUICK = "--pbkdf pbkdf2 --pbkdf-force-iterations 1000"
LUKS1 = f"cryptsetup luksFormat -q --type luks1 --cipher aes-cbc-essiv:sha256 --key-size 256 --pbkdf-force-iterations 1000 {KEY}"
LUKS2 = f"cryptsetup luksFormat -q --type luks2 --cipher aes-xts-plain64 --key-size 512 {QUICK} {KEY}"
OPEN_RECORDS = f"cryptsetup open {KEY} {RECORDS} records; mkfs.ext4 -q /dev/mapper/records; mount /dev/mapper/records /srv/records"


def random_key_swap(device, name):
    options = "--type plain --cipher aes-xts-plain64 --key-size 512 --key-file /dev/urandom"
    return f"cryptsetup open {options} {device} {name}; mkswap -q /dev/mapper/{name}; swapon /dev/mapper/{name}"


def alert(rule, command, **expected):
    """Breaks something and waits for the alert that names it; nothing was run, and two poll intervals were enough."""
    before = len(bundles(clinic, "encryption"))
    clinic.succeed(command)
    broken = now(clinic)

    def named():
        for bundle in bundles(clinic, "encryption")[before:]:
            for finding in bundle["post_state"]["findings"]:
                if finding["rule"] == rule and finding["subject"] == expected["subject"]:
                    return bundle, finding

    bundle, finding = until(f"an alert that names {rule} of {expected['subject']}", named, 300)
    took = seconds_of(bundle["timestamp_end"]) - broken
    print(f"{bundle['outcome']} after {took:.1f} s: {finding}")
    seen = {name: finding[name] for name in expected}
    holds(seen == expected, f"the finding names {expected}: {seen}")
    holds(bundle["outcome"] == "alert" and bundle["runbook_id"] is None, f"an alert, not {bundle['outcome']}")
    holds(bundle["action_taken"] == [], f"nothing was run: {bundle['action_taken']}")
    looks = sum(cycle["duration_ms"] for cycle in ended_cycles(clinic)[-2:]) / 1000
    allowed = 2 * facts(clinic)["poll_interval"] * 1.1
    holds(took - looks <= allowed, f"within two poll intervals: {took:.1f} s, two looks {looks:.1f} s")


if "encrypt_root" in facts(clinic):  # Debian's first program has encrypted it before the first start
    clinic.succeed(facts(clinic)["encrypt_root"], "sync")
    clinic.crash()
    clinic.start()

with subtest("Root, records and a swap with a random key, which is declared: compliant"):
    clinic.wait_for_unit("compliance-agent.service")
    clinic.succeed("mkdir -p /srv/records /srv/scans; head -c 64 /dev/urandom > /root/records.key; echo another > /root/other.key")
    clinic.succeed(f"{LUKS2} {RECORDS}", OPEN_RECORDS, random_key_swap(SCRATCH, "scratch"))
    print(clinic.succeed("lsblk -o NAME,TYPE,FSTYPE,MOUNTPOINTS; swapon --show"))
    until("encryption is compliant", lambda: is_compliant(clinic, "encryption"), 300)
    state = bundles(clinic, "encryption")[-1]["post_state"]
    seen = {mount["target"]: mount["protection"]["by"] for mount in state["facts"]["mounts"]}
    print(seen, state["facts"]["volumes"])
    holds(seen["/"] == ["luks2"] and seen["/srv/records"] == ["luks2"], seen)

with subtest("A plain volume where an encrypted one must be"):
    alert(
        "mount_not_encrypted",
        f"umount /srv/records; mkfs.ext4 -q {SPARE}; mount {SPARE} /srv/records",
        subject="/srv/records",
        severity="critical",
        actual={"state": "not_encrypted", "devices": [SPARE.removeprefix("/dev/")]},
    )

with subtest("A plain volume that nobody declared"):
    back = "umount /srv/records; mount /dev/mapper/records /srv/records"
    alert("mount_not_encrypted", f"{back}; mount {SPARE} /srv/scans", subject=SPARE.removeprefix("/dev/"), severity="high")

with subtest("A plain swap"):
    alert("swap_not_encrypted", f"umount /srv/scans; mkswap -q -f {SPARE}; swapon {SPARE}", subject=SPARE.removeprefix("/dev/"))

with subtest("A swap with a random key where none is declared, beside one where it is"):
    alert("plain_dm_crypt", f"swapoff {SPARE}; {random_key_swap(SPARE, 'other')}", subject="dm-3", actual="plain")

with subtest("A key slot too many: another way in"):
    add = f"cryptsetup luksAddKey -q {QUICK} {KEY} {RECORDS} /root/other.key"
    alert(
        "unexpected_key_slot",
        f"swapoff /dev/mapper/other; cryptsetup close other; {add}",
        subject="records",
        expected=[0],
        actual=[0, 1],
    )

with subtest("LUKS1 and a weak cipher beneath the records"):
    close = "umount /srv/records; cryptsetup close records; wipefs -qa"
    alert("weak_cipher", f"{close} {RECORDS}; {LUKS1} {RECORDS}; {OPEN_RECORDS}", subject="records", actual=["aes-cbc-essiv:sha256"])
    found = bundles(clinic, "encryption")[-1]["post_state"]["findings"]
    rules = sorted({finding["rule"] for finding in found})
    print(rules)
    holds(rules == ["luks1", "weak_cipher"], rules)

with subtest("As declared again: compliant, and each drift was told once"):
    clinic.succeed(f"umount /srv/records; cryptsetup close records; {LUKS2} {RECORDS}; {OPEN_RECORDS}")
    until("compliant again", lambda: is_compliant(clinic, "encryption"), 300)
    alerts = [one for one in bundles(clinic, "encryption") if one["outcome"] == "alert"]
    told = [one["post_state"]["findings"] for one in alerts]
    print([[finding["rule"] for finding in findings] for findings in told])
    holds(all(one != other for one, other in zip(told, told[1:])), "no alert repeats the one before it")

with subtest("The evidence of all that verifies"):
    evidence_verifies(clinic)
