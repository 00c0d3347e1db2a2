import { breakAndHeal, expectTrue, type Scenario } from '../scenario.ts';

const REFERENCE = `
table inet nixos-fw {
  set allowed { type inet_service; elements = { 22, 443 } }
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    tcp dport @allowed counter accept
  }
}
`;
/** As Docker makes it: not declared, so not ours to touch. */
const FOREIGN = `
table ip docker-like {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 172.17.0.0/16 masquerade
  }
}
`;

export const scenario: Scenario = {
  name: 'firewall-nftables',
  proves:
    'whatever is done to a declared nftables table is taken back, and a foreign table stays as it is',
  checks: {
    firewall: {
      backend: 'nftables',
      tables: ['inet/nixos-fw'],
      reference: { file: '/etc/nixos-fw.nft' },
    },
  },
  prepare(machine) {
    machine.write('/etc/nixos-fw.nft', REFERENCE);
    machine.write('/etc/docker-like.nft', FOREIGN);
    machine.write(
      '/usr/lib/systemd/system/fw.service',
      '[Service]\nType=oneshot\nExecStart=/usr/sbin/nft -f /etc/nixos-fw.nft\nExecStart=/usr/sbin/nft -f /etc/docker-like.nft\n',
    );
    machine.write(
      '/etc/systemd/system/compliance-agent.service.d/fw.conf',
      '[Unit]\nWants=fw.service\nAfter=fw.service\n',
    );
  },
  async play(machine, stage) {
    await machine.until(
      'the foreign table is there',
      async () => (await machine.run('nft list table ip docker-like')).code === 0,
    );
    const foreign = await machine.must('nft -s list table ip docker-like');
    const ways = [
      ['a rule too many', 'nft insert rule inet nixos-fw input tcp dport 4444 accept'],
      [
        'a policy changed and an element too many',
        "nft 'chain inet nixos-fw input { policy accept; }'; nft add element inet nixos-fw allowed '{ 8080 }'",
      ],
      [
        'everything flushed but the foreign table',
        'nft flush ruleset; nft -f /etc/docker-like.nft',
      ],
    ] as const;
    for (const [how, command] of ways)
      await breakAndHeal(machine, stage, {
        check: 'firewall',
        how,
        act: () => machine.must(command),
      });
    expectTrue(
      (await machine.must('nft -s list table ip docker-like')) === foreign,
      'the foreign table is as it was',
    );
    stage.seen('the foreign table is as it was, rule by rule');
  },
};
