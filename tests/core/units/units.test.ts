import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UnitState } from '../../../agent/src/core/units/facts.ts';
import { judgeUnits } from '../../../agent/src/core/units/judge.ts';
import { readUnits } from '../../../agent/src/core/units/state.ts';
import { createHost } from '../../../agent/src/effects/host/index.ts';

const now = new Date('2026-11-22T16:00:00.000Z');
const bound = { max_restarts: 3, restart_window_minutes: 60 };
const unit = 'fakeav.service';
const running = {
  Id: unit,
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  UnitFileState: 'enabled',
  FragmentPath: '/usr/lib/systemd/system/fakeav.service',
  DropInPaths: '',
  NeedDaemonReload: 'no',
  NRestarts: '0',
  Result: 'success',
  StateChangeTimestamp: 'Sun 2026-11-22 15:43:45 UTC',
};

/** The states that a `systemctl` which prints these blocks would give. */
async function states(blocks: Record<string, string>[], units: string[]): Promise<UnitState[]> {
  const text = blocks.map((block) =>
    Object.entries(block)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const host = createHost({ runtimeDir: '/nowhere', signal: new AbortController().signal });
  const run = async () => ({ stdout: text.join('\n'), exitCode: 0 });
  return readUnits({ ...host, run }, units);
}

const cases: [title: string, over: Record<string, string>, rules: string[]][] = [
  ['a running unit is as declared', {}, []],
  ['reloading is active', { ActiveState: 'reloading', SubState: 'reload' }, []],
  ['stopped', { ActiveState: 'inactive', SubState: 'dead' }, ['high unit_not_active']],
  [
    'failed',
    { ActiveState: 'failed', SubState: 'failed', Result: 'exit-code' },
    ['high unit_failed'],
  ],
  ['not there', { LoadState: 'not-found', ActiveState: 'inactive' }, ['high unit_not_loaded']],
  [
    'masked, which says all',
    { LoadState: 'masked', UnitFileState: 'masked-runtime', ActiveState: 'inactive' },
    ['high unit_masked'],
  ],
  ['masked while it runs', { LoadState: 'masked' }, ['high unit_masked']],
  [
    'starting is not known to be down',
    {
      ActiveState: 'activating',
      SubState: 'start',
      StateChangeTimestamp: 'Sun 2026-11-22 15:50:01 UTC',
    },
    ['low unit_starting'],
  ],
  [
    'starting for ever is down',
    {
      ActiveState: 'activating',
      SubState: 'start',
      StateChangeTimestamp: 'Sun 2026-11-22 15:50:00 UTC',
    },
    ['high unit_not_active'],
  ],
  [
    'waiting for its next restart is down',
    {
      ActiveState: 'activating',
      SubState: 'auto-restart',
      StateChangeTimestamp: 'Sun 2026-11-22 15:59:59 UTC',
    },
    ['high unit_not_active'],
  ],
  ['as many restarts as allowed', { NRestarts: '3' }, []],
  ['one restart more', { NRestarts: '4' }, ['medium unit_flapping']],
  [
    'one restart more, long ago',
    { NRestarts: '4', StateChangeTimestamp: 'Sun 2026-11-22 15:00:00 UTC' },
    [],
  ],
  [
    'one restart more, at no known time',
    { NRestarts: '4', StateChangeTimestamp: '' },
    ['medium unit_flapping'],
  ],
  ['changed on disk', { NeedDaemonReload: 'yes' }, ['medium unit_needs_reload']],
  [
    'drop-ins, of which a file and a folder are declared',
    { DropInPaths: '/etc/a.d/ok.conf /nix/store/x/y.conf /run/x.d/z.conf' },
    ['high unit_drop_in_not_declared'],
  ],
];
for (const [title, over, rules] of cases) {
  test(`a unit: ${title}`, async () => {
    const units = await states([{ ...running, ...over }], [unit]);
    for (const state of units) UnitState.parse(state);
    const declared = [{ unit, allowed_drop_ins: ['/etc/a.d/ok.conf', '/nix/store/'] }];
    const found = judgeUnits({ units, declared, bound, now });
    assert.equal(
      found.map(({ severity, rule }) => `${severity} ${rule}`),
      rules,
    );
  });
}

test('blocks are found by name in any order, an alias by its names', async () => {
  const found = await states(
    [
      { Id: 'b.socket', LoadState: 'loaded', ActiveState: 'active', SubState: 'listening' },
      {
        Names: 'dbus.service dbus-broker.service',
        Id: 'dbus-broker.service',
        ActiveState: 'active',
      },
    ],
    ['dbus.service', 'b.socket'],
  );
  assert.equal(
    found.map(({ unit, restarts }) => [unit, restarts]),
    [
      ['dbus.service', null],
      ['b.socket', null],
    ],
  );
});

test('a unit that the answer leaves out is no unit that runs', async () => {
  await states([running], ['other.service']).then(
    () => assert.unreachable(),
    (error) => {
      assert.equal(error.failure, {
        code: 'malformed',
        params: { tool: 'systemctl', unit: 'other.service' },
      });
    },
  );
});

test.run();
