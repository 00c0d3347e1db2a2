"""Secrets that systemd hands over (`LoadCredential=`) stay out of reach of everybody else, and count anew once renewed."""

import hashlib
import hmac

CLINIC = "/etc/clinic"
HOOK = "/var/tmp/hook"
# Takes webhooks, one after another, and keeps each as it came.
RECEIVER = f"""
import os, socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 8099))
listener.listen()
number = 0
while True:
    connection, _ = listener.accept()
    connection.settimeout(5)
    try:
        got = b""
        while b"\\r\\n\\r\\n" not in got:
            got += connection.recv(65536)
        head, _, body = got.partition(b"\\r\\n\\r\\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\\r\\n")[1:])
        while len(body) < int(fields[b"content-length"]):
            body += connection.recv(65536)
        number += 1
        with open("{HOOK}/new", "wb") as file:
            file.write(head + b"\\r\\n\\r\\n" + body)
        os.rename("{HOOK}/new", f"{HOOK}/{{number:04}}")
        connection.sendall(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
    except Exception as error:
        print(error, flush=True)
    connection.close()
"""


def received():
    """Timestamp, signature and body of each webhook that came."""
    found = []
    for name in clinic.succeed(f"ls {HOOK}").split():
        head, _, body = base64.b64decode(clinic.succeed(f"base64 {HOOK}/{name}")).partition(b"\r\n\r\n")
        fields: dict[bytes, bytes] = {}
        for line in head.split(b"\r\n")[1:]:
            name_of, _, value = line.lower().partition(b": ")
            fields[name_of] = value
        found.append((fields[b"x-compliance-timestamp"], fields[b"x-compliance-signature"].decode(), body))
    return found


def signs(secret, webhook):
    timestamp, signature, body = webhook
    made = hmac.new(secret.encode(), timestamp + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature, f"sha256={made}")


def told_by(secret, command):
    """What is told of drift made by a command is signed by this secret."""
    before = len(received())
    break_and_heal(clinic, "antivirus", command)
    new = until("a webhook", lambda: received()[before:])
    print([(json.loads(body)["check"], json.loads(body)["outcome"], signature) for _, signature, body in new])
    return all(signs(secret, webhook) for webhook in new)


start_all()
clinic.succeed(
    f"install -d -m 0755 {CLINIC} {HOOK}",
    f"compliance-agent keys generate {CLINIC}/signing.key > {CLINIC}/signing.pem",
    f"compliance-agent keys generate {CLINIC}/other.key > {CLINIC}/other.pem",
)
write(clinic, f"{CLINIC}/webhook-secret", "the first secret\n", mode="600")
write(clinic, "/var/tmp/receiver.py", RECEIVER)
clinic.succeed(
    "systemd-run --unit=receiver python3 /var/tmp/receiver.py",
    "systemctl start clinic-av.service compliance-agent.service",
)

with subtest("The key signs, and lies where only root and the agent's own unit can read it"):
    wait_for_attestation(clinic)
    key = json.loads(clinic.succeed(f"compliance-agent keys show --json {CLINIC}/signing.pem"))["key_id"]
    holds({one["key_id"] for one in bundles(clinic)} == {key}, f"signed by {key}")
    clinic.fail(as_user("compliance-agent", f"cat {CLINIC}/signing.key"))
    credential = "/run/credentials/compliance-agent.service/signing-key"
    clinic.fail(as_user("nobody", f"cat {credential}"))
    print(clinic.succeed("find /var/lib/compliance-agent -maxdepth 1"))
    clinic.fail("find /var/lib/compliance-agent -name '*.key' | grep .")

with subtest("Root's commands find it there: what enrols the host names the key"):
    enrolment = json.loads(clinic.succeed("compliance-agent keys show --enrol"))
    holds(enrolment["key_id"] == key, enrolment)

with subtest("The webhook is signed by the secret that was handed over, and after a restart by the renewed one"):
    holds(told_by("the first secret", "systemctl stop clinic-av.service"), "signed by the secret that was handed over")
    write(clinic, f"{CLINIC}/webhook-secret", "the second secret\n", mode="600")
    clinic.succeed("systemctl restart compliance-agent.service")
    holds(told_by("the second secret", "systemctl stop clinic-av.service"), "signed by the renewed secret")

with subtest("Another signing key in its place, to which nothing handed over: refused, and nothing is signed with it"):
    clinic.succeed(f"cp -p {CLINIC}/signing.key {CLINIC}/kept.key; cp -p {CLINIC}/other.key {CLINIC}/signing.key")
    clinic.execute("timeout 20 systemctl restart compliance-agent.service")
    said = "journalctl -u compliance-agent.service -o cat --no-pager | grep -o 'signing key: found key .*' | tail -n 1"
    print(until("it refuses the other key", lambda: clinic.execute(said)[1]))
    holds({one["key_id"] for one in bundles(clinic)} == {key}, "nothing is signed by the other key")

with subtest("The right one put back: the chain goes on"):
    clinic.succeed(f"mv {CLINIC}/kept.key {CLINIC}/signing.key; systemctl restart compliance-agent.service")
    clinic.wait_for_unit("compliance-agent.service")
    break_and_heal(clinic, "antivirus", "systemctl stop clinic-av.service")
    evidence_verifies(clinic)
