import { breakAndHeal, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'logging',
  proves:
    'with journald’s service masked alone, or its sockets stopped, log lines arrive again within two cycles',
  checks: {
    logging: {
      persistent: false,
      min_free_bytes: 0,
      canary_max_latency_ms: 2000,
      units: [
        { unit: 'systemd-journald.service' },
        { unit: 'systemd-journald.socket' },
        { unit: 'systemd-journald-dev-log.socket' },
      ],
    },
  },
  async play(machine, stage) {
    const ways = [
      [
        'service masked alone: logger still exits 0',
        'systemctl mask --runtime --now systemd-journald.service; logger lost',
      ],
      [
        'sockets and service stopped',
        'systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service',
      ],
    ] as const;
    for (const [how, command] of ways)
      await breakAndHeal(machine, stage, {
        check: 'logging',
        how,
        act: () => machine.must(command),
      });
    await machine.must(
      'logger --tag clinic back-again; sleep 1; journalctl -q -t clinic -o cat | grep back-again',
    );
    stage.seen('a line of the host’s own is in the journal again');
  },
};
