# A control server, and an operator at a computer of their own, who is the certificate authority too: their keys never
# come to the server. Keys and certificates lie in one folder on every machine.
KEYS = "/etc/clinic"
EC = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


def carry(path, one: BaseMachine, *others: BaseMachine, mode="644"):
    """Takes a file from one machine to others, as on a stick."""
    text = one.succeed(f"cat {path}")
    for other in others:
        write(other, path, text, mode)


def make_authority(operator: BaseMachine):
    operator.succeed(
        f"mkdir -p {KEYS}; cd {KEYS}; openssl req -x509 {EC} -keyout ca.key -out ca.pem -days 30 -subj '/CN=Authority'",
        f"cd {KEYS}; compliance-server keys generate operator.key > operators.pem",
    )


def certify(operator: BaseMachine, name, usage, host: BaseMachine):
    """A certificate and its key in that name for `serverAuth` or `clientAuth`, carried to the host that needs it."""
    extensions = f"-addext subjectAltName=DNS:{name} -addext extendedKeyUsage={usage}"
    operator.succeed(
        f"cd {KEYS}; openssl req {EC} -keyout {name}.key -out {name}.csr -subj /CN={name} {extensions}",
        f"cd {KEYS}; openssl x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 "
        f"-copy_extensions copyall -out {name}.pem",
    )
    for file in (f"{name}.pem", "ca.pem", "operators.pem"):
        carry(f"{KEYS}/{file}", operator, host)
    carry(f"{KEYS}/{name}.key", operator, host, mode="600")


def serve(operator: BaseMachine, server: BaseMachine, *hosts: BaseMachine):
    """Starts the server in the name of its machine; hosts learn the key that signs its receipts."""
    certify(operator, "server", "serverAuth", server)
    server.succeed(f"compliance-server keys generate {KEYS}/receipt.key > {KEYS}/receipt.pem")
    for host in hosts:
        carry(f"{KEYS}/receipt.pem", server, host)
    server.succeed(f"systemctl start {facts(server).get('units', 'compliance-server.service')}")
    server.wait_for_open_port(8443)


def enrol(operator: BaseMachine, server: BaseMachine, host: BaseMachine, host_id):
    """Gives a host its certificate, starts its agent, and enrols it by the key that the agent makes."""
    certify(operator, host_id, "clientAuth", host)
    host.succeed(f"chown compliance-agent {KEYS}/{host_id}.key", "systemctl start compliance-agent.service")
    enrolment = host.succeed("compliance-agent keys show --enrol")
    write(server, f"/var/tmp/{host_id}.json", enrolment)
    as_server(server, f"hosts enrol /var/tmp/{host_id}.json")


def as_server(server: BaseMachine, words):
    """One of its commands with the rights of the server's own user."""
    return server.succeed(as_user("compliance-server", f"compliance-server {words}"))


HAND_OVER = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(open(sys.argv[2], "rb").read())
s.shutdown(socket.SHUT_WR)
while part := s.recv(65536):
    sys.stdout.write(part.decode())
"""


def hand_over(host: BaseMachine, envelope):
    """Hands an order straight to the generation's remedy, past the agent, as its group may; gives the answer."""
    write(host, "/var/tmp/hand-over.py", HAND_OVER)
    write(host, "/var/tmp/order.json", envelope)
    socket = "/run/compliance-agent/remedy/update_to_baseline_generation.sock"
    ask = as_user("compliance-agent", f"python3 /var/tmp/hand-over.py {socket} /var/tmp/order.json")
    answer = json.loads(until("an answer", lambda: host.succeed(ask)))  # empty: the agent itself was asking
    print(answer)
    return answer


