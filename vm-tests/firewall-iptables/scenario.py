"""The chains of NixOS's iptables firewall are put back; Docker-like chains and jumps stay; traffic is no drift."""

FOREIGN = "iptables -w -S DOCKER-USER; iptables -w -S FORWARD; iptables -w -t nat -S POSTROUTING"
DOCKER_LIKE = """
iptables -w -N DOCKER-USER
iptables -w -A DOCKER-USER -j RETURN
iptables -w -A FORWARD -j DOCKER-USER
iptables -w -t nat -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE
"""

clinic.start()

with subtest("With foreign chains and jumps beside it the declared firewall is compliant"):
    clinic.succeed(DOCKER_LIKE)
    before = clinic.succeed(FOREIGN)
    print(before)
    until("compliant", lambda: is_compliant(clinic, "firewall"))

with subtest("Counted packets are no drift"):
    clinic.execute("exec 3<>/dev/tcp/127.0.0.1/9")
    counted = clinic.succeed("iptables -w -nvx -L nixos-fw 1")
    print(counted)
    holds(int(counted.split()[0]) > 0, f"packets were counted: {counted}")
    holds(findings(clinic, "firewall") == [], findings(clinic, "firewall"))

with subtest("A rule too many: taken out"):
    command = "iptables -w -I nixos-fw -p tcp --dport 4444 -j nixos-fw-accept"
    break_and_heal(clinic, "firewall", command, rule="rule_added")

with subtest("A rule of IPv6 deleted: put back"):
    break_and_heal(clinic, "firewall", "ip6tables -w -D nixos-fw 1", rule="rule_removed")

with subtest("A chain emptied and the jump to it deleted: both put back"):
    command = "iptables -w -F nixos-fw; iptables -w -D INPUT -j nixos-fw"
    break_and_heal(clinic, "firewall", command, rule="rule_removed")

with subtest("The foreign chains and jumps are as they were"):
    after = clinic.succeed(FOREIGN)
    holds(after == before, after)
    evidence_verifies(clinic)
