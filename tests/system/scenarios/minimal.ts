import { bundlesOf, expectTrue, type Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  name: 'minimal',
  proves: 'the shipped units boot, the agent holds no capability, and its sockets answer it',
  checks: { logging: { persistent: false, min_free_bytes: 0 } },
  async play(machine, { seen }) {
    await machine.until('a first attestation', () => bundlesOf(machine, 'attestation').length > 0);
    const status = await machine.must(
      'cat /proc/$(systemctl show -P MainPID compliance-agent)/status',
    );
    expectTrue(/^CapEff:\s+0+$/m.test(status) && /^CapBnd:\s+0+$/m.test(status), 'no capability');
    seen('the agent has no capability, not even in its bounding set');

    const levels = await machine.must(
      "systemd-analyze security --no-pager 2>/dev/null | grep '^compliance-agent' || true",
    );
    const level = Number(/^compliance-agent\.service\s+([\d.]+)/m.exec(levels)?.[1] ?? 10);
    expectTrue(level <= 1.5, `exposure of the agent ${level}`);
    seen(`systemd-analyze security: compliance-agent.service ${level}`);

    machine.write('/opt/ask.py', ASK);
    const took: number[] = [];
    await machine.until('five answers', async () => {
      const asked = 'python3 /opt/ask.py /run/compliance-agent/probe/logging.sock';
      const { stdout } = await machine.runAs('compliance-agent', asked);
      const [, ms, bytes] = /^(\d+) ms, (\d+) bytes/.exec(stdout) ?? [];
      if (Number(bytes) > 0) took.push(Number(ms)); // empty: the agent itself was asking
      return took.length === 5;
    });
    seen(`probe/logging answered in ${took.join(', ')} ms`);

    const { stdout } = await machine.run(
      'systemctl show -p NRestarts,ActiveState,StatusText compliance-agent',
    );
    expectTrue(/NRestarts=0/.test(stdout) && /ActiveState=active/.test(stdout), stdout);
    seen('it runs and tells systemd how it is');
  },
};

/** Connects, ends its side, reads to the end. */
const ASK = `
import socket, sys, time
begun = time.monotonic()
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.shutdown(socket.SHUT_WR)
got = b''
while True:
    part = s.recv(65536)
    if not part: break
    got += part
print(f'{(time.monotonic() - begun) * 1000:.0f} ms, {len(got)} bytes')
print(got.decode()[:2000])
`;
