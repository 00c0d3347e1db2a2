"""Whatever is done to a declared nftables table is taken back; a Docker-like one stays; counters and visits are
no drift.
"""

DOCKER_LIKE = """
table ip docker-like {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 172.17.0.0/16 masquerade
  }
}
"""

clinic.start()
write(clinic, "/etc/docker-like.nft", DOCKER_LIKE)

with subtest("With a foreign table beside it the declared firewall is compliant"):
    clinic.succeed("nft -f /etc/docker-like.nft")
    foreign = clinic.succeed("nft -s list table ip docker-like")
    until("compliant", lambda: is_compliant(clinic, "firewall"))

with subtest("Counted packets and an element in a dynamic set are no drift"):
    clinic.execute("exec 3<>/dev/tcp/127.0.0.1/9")
    listed = clinic.succeed("nft list table inet clinic")
    print(listed)
    holds("127.0.0.1" in listed and "packets 0" not in listed, listed)
    holds(findings(clinic, "firewall") == [], findings(clinic, "firewall"))

with subtest("A rule too many: taken out"):
    command = "nft insert rule inet nixos-fw input tcp dport 4444 accept"
    break_and_heal(clinic, "firewall", command, rule="rule_added")

with subtest("A policy changed and an element too many: put back"):
    command = (
        "nft 'chain inet nixos-fw input { policy accept; }'; nft add element inet nixos-fw temp-ports '{ tcp . 8080 }'"
    )
    break_and_heal(clinic, "firewall", command, rule="set_elements")

with subtest("Everything flushed but the foreign table: put back"):
    command = "nft flush ruleset; nft -f /etc/docker-like.nft"
    break_and_heal(clinic, "firewall", command, rule="table_missing")

with subtest("The foreign table is as it was, rule by rule"):
    after = clinic.succeed("nft -s list table ip docker-like")
    holds(after == foreign, after)
    evidence_verifies(clinic)
