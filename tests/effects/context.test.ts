import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Host, Tool } from '../../agent/src/core/host.ts';
import { readClockOffset } from '../../agent/src/effects/clock-offset.ts';
import { readSystem } from '../../agent/src/effects/context.ts';
import { createHost } from '../../agent/src/effects/host/index.ts';
import { sha256Hex } from '../../agent/src/wire/canonical.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';
import { fixtureHost } from '../support/fixture-host.ts';

test('the running system names its revision and the digest of its store path', async () => {
  const { nixos_revision, derivation_digest } = await readSystem(
    fixtureHost('patching', 'compliant').host(),
  );
  assert.is(nixos_revision, '3333333');
  assert.is(
    derivation_digest,
    sha256Hex('/nix/store/x11vd8kpc5sxxplcq794gcbq6d4brz2g-nixos-system-rig-25.05.3'),
  );
});

test('a rogue system and no NixOS at all have neither', async () => {
  for (const state of ['drifted', 'absent']) {
    const system = await readSystem(fixtureHost('patching', state).host());
    assert.equal(system, { nixos_revision: null, derivation_digest: null, boot_id: 'unknown' });
  }
});

test('the boot id is this machine’s', async () => {
  const machine = createHost({ runtimeDir: '/nowhere', signal: new AbortController().signal });
  assert.match((await readSystem(machine)).boot_id, /^[0-9a-f-]{36}$/);
});

/** A host where these folders are and these tools answer. */
function host(folders: string[], answers: Partial<Record<Tool, string>>): Host {
  const real = createHost({ runtimeDir: '/nowhere', signal: new AbortController().signal });
  return {
    ...real,
    stat: async (path) => {
      if (folders.includes(path)) return real.stat('/');
      throw new FailureError('absent', {});
    },
    run: async ({ tool }) => {
      const stdout = answers[tool];
      if (stdout !== undefined) return { stdout, exitCode: 0 };
      throw new FailureError('tool_missing', { tool });
    },
  };
}
const timesync = '/run/systemd/timesync';
const chrony = '/run/chrony';
const tracking = 'C0000201,192.0.2.1,3,1.5,0.5,0,0,0,0,0,0,0,1,Normal';

const cases: [title: string, host: Host, answer: unknown[]][] = [
  [
    'no service: no tool is started',
    host([], { timedatectl: 'Offset: 1ms', chronyc: tracking }),
    [null, null, 'no_time_service'],
  ],
  ['timesyncd', host([timesync], { timedatectl: 'Offset: +2ms' }), [2, 'timesyncd', null]],
  ['chrony', host([chrony], { chronyc: tracking }), [500, 'chrony', null]],
  [
    'timesyncd that left its folder behind, and chrony',
    host([timesync, chrony], { chronyc: tracking }),
    [500, 'chrony', null],
  ],
  ['a tool that is missing', host([timesync], {}), [null, 'timesyncd', 'no_answer']],
  [
    'not synchronised yet',
    host([timesync], { timedatectl: 'Packet count: 0' }),
    [null, 'timesyncd', 'not_synchronised'],
  ],
];
for (const [title, at, answer] of cases) {
  test(`clock offset: ${title}`, async () => {
    const { offset_ms, source, reason } = await readClockOffset(at);
    assert.equal([offset_ms, source, reason], answer);
  });
}

test.run();
