import { breakAndHeal, expectTrue, type Scenario } from '../scenario.ts';

/** In the manner of NixOS's firewall-start: its own chains, and a jump into them. */
const SCRIPT = `#!/bin/sh
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
for tables in "iptables -w" "ip6tables -w"; do
  $tables -N nixos-fw-accept
  $tables -A nixos-fw-accept -j ACCEPT
  $tables -N nixos-fw
  $tables -A nixos-fw -i lo -j nixos-fw-accept
  $tables -A nixos-fw -p tcp --dport 22 -j nixos-fw-accept
  $tables -A nixos-fw -j DROP
  $tables -A INPUT -j nixos-fw
done
`;

export const scenario: Scenario = {
  name: 'firewall-iptables',
  proves:
    'the chains of NixOS’s iptables firewall are put back, and Docker-like chains and jumps stay as they are',
  checks: {
    firewall: { backend: 'iptables', reference: { script: '/etc/firewall-start' } },
  },
  prepare(machine) {
    machine.write('/etc/firewall-start', SCRIPT, 0o755);
    machine.write(
      '/etc/docker-like',
      '#!/bin/sh\nset -e\niptables -w -N DOCKER-USER\niptables -w -A DOCKER-USER -j RETURN\niptables -w -A FORWARD -j DOCKER-USER\niptables -w -t nat -A POSTROUTING -s 172.17.0.0/16 -j MASQUERADE\n',
      0o755,
    );
    machine.write(
      '/usr/lib/systemd/system/fw.service',
      '[Service]\nType=oneshot\nExecStart=/etc/firewall-start\nExecStart=/etc/docker-like\n',
    );
    machine.write(
      '/etc/systemd/system/compliance-agent.service.d/fw.conf',
      '[Unit]\nWants=fw.service\nAfter=fw.service\n',
    );
  },
  async play(machine, stage) {
    const foreign = () =>
      machine.must(
        'iptables -w -S DOCKER-USER; iptables -w -S FORWARD; iptables -w -t nat -S POSTROUTING',
      );
    await machine.until(
      'the foreign chains are there',
      async () =>
        (await machine.run('iptables -w -t nat -S POSTROUTING | grep -q MASQ')).code === 0,
    );
    const before = await foreign();
    const ways = [
      ['a rule too many', 'iptables -w -I nixos-fw -p tcp --dport 4444 -j nixos-fw-accept'],
      ['a rule of IPv6 deleted', 'ip6tables -w -D nixos-fw -j DROP'],
      [
        'a chain emptied and the jump deleted',
        'iptables -w -F nixos-fw; iptables -w -D INPUT -j nixos-fw',
      ],
    ] as const;
    for (const [how, command] of ways)
      await breakAndHeal(machine, stage, {
        check: 'firewall',
        how,
        act: () => machine.must(command),
      });
    expectTrue((await foreign()) === before, 'the foreign chains are as they were');
    stage.seen('the foreign chains and jumps are as they were');
  },
};
