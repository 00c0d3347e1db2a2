"""Neither the agent's user nor another gains anything: every attempt fails, and the sockets survive all input."""

import re

# What an unprivileged user may not do.
FORBIDDEN = {
    "list the firewall": "nft list ruleset",
    "flush the firewall": "nft flush ruleset",
    "read a LUKS header": "cryptsetup luksDump /var/tmp/volume",
    "start a unit": "systemctl --no-ask-password start systemd-tmpfiles-clean.service",
    "stop the agent": "systemctl --no-ask-password stop compliance-agent.service",
    "start a remedy's unit": "systemctl --no-ask-password start compliance-agent-remedy-restart_av_service@1.service",
    "make a transient unit": "systemd-run --no-ask-password true",
    "mask a unit": "systemctl --no-ask-password mask systemd-tmpfiles-clean.timer",
    "write outside the state folder": "touch /etc/x",
    "write root's state": "touch /var/lib/compliance-agent-root/state.json",
    "make root's results": "touch /var/lib/compliance-agent-root/0000000009.json",
    "replace a socket": "rm /run/compliance-agent/probe/logging.sock",
    "listen beside the sockets": "touch /run/compliance-agent/probe/other.sock",
    "read another's keys": "cat /root/secret.key",
    "accept a generation": "compliance-agent generation accept /nix/store/00000000000000000000000000000000-x",
    "freeze": "compliance-agent freeze",
    "become root": "setpriv --reuid=0 id",
}
# How tools tell that they were refused.
REASONS = (
    r"permission denied|operation not permitted|access denied|interactive authentication required|only root"
    r"|read-only file system|not permitted|must be root|requires? root|\bEPERM\b|\bEACCES\b|run as root"
)
ATTACK = """
import errno, os, socket, sys, time
kind, path = sys.argv[1:3]
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(50)
    s.connect(path)
    return s
def read(s):
    got = b""
    try:
        while part := s.recv(65536):
            got += part
    except ConnectionResetError:
        pass
    return got
def send(s, data):
    try:
        s.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
def end(s):
    try:
        s.shutdown(socket.SHUT_WR)
    except OSError:
        pass
try:
    if kind == "connect":
        connect()
        print("connected")
    elif kind == "malformed":
        for data in (b"{}", bytes(5000), b'{"payload":"AAAA","signature":"x","key_id":"y"}', os.urandom(8000)):
            s = connect()
            send(s, data)
            end(s)
            read(s)
    elif kind == "endless":
        s = connect()
        for _ in range(2000):
            send(s, b"x" * 16384)
        read(s)
    elif kind == "silent":
        s = connect()
        time.sleep(0.2)
        s.close()
    elif kind == "flood":
        for _ in range(100):
            connect().close()
    elif kind == "ask":
        s = connect()
        end(s)
        print(len(read(s)), "bytes")
except OSError as error:
    print(errno.errorcode.get(error.errno, error))
    sys.exit(0 if kind == "connect" else 1)
"""


def attack(user, kind, socket):
    """Exit status and output of one kind of input from a user to a socket."""
    command = f"timeout 60 python3 /var/tmp/attack.py {kind} {socket}"
    return clinic.execute(f"{as_user(user, command)} 2>&1")


def refuse(user, what, command):
    """The attempt fails because it is not allowed, not because there is no such program or file."""
    status, output = clinic.execute(f"{as_user(user, command)} 2>&1")
    reason = re.search(REASONS, output, re.IGNORECASE)
    print(f"{user} cannot {what}: {reason.group(0) if reason else output.strip()[-200:]}")
    holds(status != 0, f"{user} cannot {what}: {output}")
    holds(reason, f"{user} is refused to {what}: {output}")


clinic.start()
write(clinic, "/root/secret.key", "secret", "600")
write(clinic, "/var/tmp/attack.py", ATTACK)
clinic.succeed("truncate -s 32M /var/tmp/volume; chmod 600 /var/tmp/volume")
wait_for_attestation(clinic)
sockets = clinic.succeed("ls /run/compliance-agent/*/*.sock").split()

for user in ("compliance-agent", "stranger"):
    with subtest(f"{user}: {len(FORBIDDEN)} attempts, each refused for want of rights"):
        for what, command in FORBIDDEN.items():
            refuse(user, what, command)

with subtest("stranger: neither the agent's key nor any of its sockets"):
    refuse("stranger", "read the agent's key", "cat /var/lib/compliance-agent/signing.key")
    for socket in sockets:
        _, output = attack("stranger", "connect", socket)
        print(socket, output.strip())
        holds("EACCES" in output, f"a stranger cannot connect to {socket}: {output}")

for kind in ("malformed", "endless", "silent", "flood"):
    with subtest(f"{kind} input to all {len(sockets)} sockets, from the agent's own user"):
        for socket in sockets:
            status, output = attack("compliance-agent", kind, socket)
            holds(status == 0, f"{kind} input to {socket}: {output}")

with subtest("Afterwards every socket still answers, nothing has failed, and no order was accepted"):
    for socket in sockets:
        answer = until(f"{socket} answers", lambda: re.match(r"[1-9]\d*", attack("compliance-agent", "ask", socket)[1]))
        print(f"{socket}: {answer.group(0)} bytes")
    failed = clinic.succeed("systemctl list-units --failed --no-legend --plain 'compliance-agent*'")
    holds(failed.strip() == "", f"failed units: {failed}")
    clinic.fail(f"grep -l '\"order_id\":\"' {ROOT_STATE}/results/*")
    evidence_verifies(clinic)

with subtest("Root's commands without the daemon write as the agent's user, also where Node refuses to change users"):
    clinic.succeed("systemctl stop compliance-agent.service")
    clinic.succeed("compliance-agent evidence reindex")
    foreign = clinic.succeed("find /var/lib/compliance-agent -not -user compliance-agent").strip()
    holds(foreign == "", f"not the agent's: {foreign}")
    clinic.succeed("systemctl start compliance-agent.service")
    evidence_verifies(clinic)
