import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { antivirus } from '../../agent/src/checks/antivirus.ts';
import type { RunningExecutable } from '../../agent/src/core/antivirus/facts.ts';
import type { AntivirusUnit } from '../../agent/src/core/antivirus/section.ts';
import { checkFixture, testFixtures } from '../support/fixture-check.ts';

testFixtures(antivirus, [
  ['compliant', 'compliant', []],
  ['drifted', 'drifted', ['unit_not_active fakeav.service']],
  ['drifted-masked', 'drifted', ['unit_masked fakeav.service']],
  ['drifted-runtime-mask', 'drifted', ['unit_masked fakeav.service']],
  [
    'drifted-drop-in',
    'drifted',
    ['unit_failed fakeav.service', 'unit_drop_in_not_declared fakeav.service'],
  ],
  ['drifted-not-reloaded', 'drifted', ['unit_needs_reload fakeav.service']],
  ['drifted-replaced-on-disk', 'drifted', ['executable_differs fakeav.service']],
  ['drifted-replaced-process', 'drifted', ['process_differs fakeav.service']],
  ['drifted-stale', 'drifted', ['signatures_stale daily']],
  [
    'absent',
    'drifted',
    [
      'unit_not_loaded fakeav.service',
      'executable_missing fakeav.service',
      'signatures_missing daily',
    ],
  ],
  [
    'unreadable',
    'unknown',
    ['units_not_seen systemd', 'executable_not_seen fakeav.service', 'signatures_not_seen daily'],
  ],
]);

const now = new Date('2026-11-22T16:00:00.000Z');
const path = '/nix/store/x/bin/av';
const [own, shell, other] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
const denied = { unseen: { code: 'denied', params: { errno: 'EACCES' } } } as const;
const declared = { unit: 'av.service', executable: path, sha256: own };
const process = (sha256: RunningExecutable['sha256']): RunningExecutable => ({
  sha256,
  declared: null,
  in_store: false,
  deleted: false,
  processes: 1,
});

/** Severities and rules for a running unit of which the probe saw this. */
function judged(seen: {
  declared?: Partial<AntivirusUnit>;
  on_disk?: unknown;
  running?: unknown;
  sub_state?: string;
  active_state?: string;
}): string[] {
  const expected = antivirus.expectation.parse({ units: [{ ...declared, ...seen.declared }] });
  const facts = antivirus.facts.parse({
    units: [
      {
        unit: 'av.service',
        load_state: 'loaded',
        active_state: seen.active_state ?? 'active',
        sub_state: seen.sub_state ?? 'running',
        unit_file_state: 'enabled',
        fragment_path: null,
        drop_ins: [],
        needs_reload: false,
        restarts: 0,
        result: 'success',
        changed_at: '2026-11-22T15:59:00.000Z',
      },
    ],
    executables: [
      {
        unit: 'av.service',
        on_disk: [
          { path, sha256: seen.on_disk ?? own },
          { path: '/bin/sh', sha256: shell },
        ],
        running: seen.running ?? [process(own)],
      },
    ],
    signatures: [],
  });
  const judgement = antivirus.judge({ facts, expected, now });
  assert.ok(judgement.applicable);
  return judgement.observations.map(({ severity, rule }) => `${severity} ${rule}`);
}

const cases: [title: string, seen: Parameters<typeof judged>[0], found: string[]][] = [
  ['its own program', {}, []],
  [
    'its own program and one it also runs',
    { running: [process(own), process(shell)], declared: { also_runs: ['/bin/sh'] } },
    [],
  ],
  [
    'a shell that is not declared',
    { running: [process(own), process(shell)] },
    ['critical process_differs'],
  ],
  ['another program', { running: [process(other)] }, ['critical process_differs']],
  [
    'a process that nobody may look at',
    { running: [process(denied)] },
    ['medium processes_not_seen'],
  ],
  ['a cgroup that nobody may look at', { running: denied }, ['medium processes_not_seen']],
  ['nothing although it is running', { running: [] }, ['high process_missing']],
  ['nothing, as a oneshot unit that has done its work', { running: [], sub_state: 'exited' }, []],
  [
    'systemd’s child while it starts',
    { running: [process(other)], active_state: 'activating', sub_state: 'start' },
    ['low unit_starting'],
  ],
  ['a program whose file nobody may read', { on_disk: denied }, ['medium executable_not_seen']],
  ['no declared hash', { declared: { sha256: undefined } }, ['low hash_not_declared']],
  [
    'no declared hash, and another program than on disk',
    { declared: { sha256: undefined }, running: [process(other)] },
    ['low hash_not_declared', 'critical process_differs'],
  ],
];
for (const [title, seen, found] of cases) {
  test(`a unit that runs ${title}`, () => assert.equal(judged(seen), found));
}

test('a host without antivirus is drift, not a pass', () => {
  const expected = antivirus.expectation.parse({});
  const facts = { units: [], executables: [], signatures: [] };
  const judgement = antivirus.judge({ facts, expected, now });
  assert.ok(judgement.applicable);
  assert.equal(
    judgement.observations.map(({ rule }) => rule),
    ['antivirus_not_declared'],
  );
});

const ages: [modified: string | null, found: string[]][] = [
  ['2026-11-20T16:00:00.000Z', []],
  ['2026-11-20T15:59:59.999Z', ['medium signatures_stale']],
  ['2026-11-08T15:59:59.999Z', ['high signatures_stale']],
  ['2026-11-22T17:00:00.000Z', []],
  ['2026-11-22T17:00:00.001Z', ['medium signatures_from_future']],
  [null, ['high signatures_missing']],
];
for (const [modified_at, found] of ages) {
  test(`signatures of ${modified_at ?? 'no time'}, allowed 48 hours`, () => {
    const expected = antivirus.expectation.parse({
      units: [{ unit: 'av.timer' }],
      signatures: [{ name: 'daily', paths: ['/daily'] }],
    });
    const facts = { units: [], executables: [], signatures: [{ name: 'daily', modified_at }] };
    const judgement = antivirus.judge({ facts, expected, now });
    assert.ok(judgement.applicable);
    assert.equal(
      judgement.observations.map(({ severity, rule }) => `${severity} ${rule}`),
      found,
    );
  });
}

test('evidence names no program that the baseline does not', async () => {
  const { facts } = await checkFixture(antivirus, 'drifted-replaced-process');
  const paths = JSON.stringify(facts).match(/"(?:path|declared)":"[^"]*"/g);
  assert.ok(paths?.every((path) => path.includes('fakeavd')));
});

test.run();
