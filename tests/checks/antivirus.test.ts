import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { antivirus } from '../../agent/src/checks/antivirus.ts';
import type { RunningExecutable } from '../../agent/src/core/antivirus/facts.ts';
import type { AntivirusUnit } from '../../agent/src/core/antivirus/section.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import { Json } from '../../agent/src/wire/primitives.ts';
import { checkFixture, testFixtures } from '../support/fixture-check.ts';
import { fixtureHost } from '../support/fixture-host.ts';

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
const IN_THE_LOOK = '2026-11-22T16:00:00.500Z';
const path = '/nix/store/x/bin/av';
const [own, shell, other] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
const denied = { unseen: { code: 'denied', params: { errno: 'EACCES' } } } as const;
const declared = { unit: 'av.service', executable: path, sha256: own };
const process = (sha256: RunningExecutable['sha256']): RunningExecutable => ({
  sha256,
  ...(typeof sha256 === 'string' && { hashed_at: IN_THE_LOOK }),
  declared: null,
  in_store: false,
  deleted: false,
  processes: 1,
});

/** Severities and rules for a running unit of which the probe saw this. */
function judged(seen: {
  declared?: Partial<AntivirusUnit>;
  on_disk?: unknown;
  hashed_at?: string;
  rehash_hours?: number;
  running?: unknown;
  sub_state?: string;
  active_state?: string;
}): string[] {
  const { rehash_hours } = seen;
  const units = [{ ...declared, ...seen.declared }];
  const expected = antivirus.expectation.parse({ units, rehash_hours });
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
          { path, sha256: seen.on_disk ?? own, hashed_at: seen.hashed_at ?? IN_THE_LOOK },
          { path: '/bin/sh', sha256: shell, hashed_at: IN_THE_LOOK },
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

const hashed: [hashed_at: string, rehash_hours: number, found: string[]][] = [
  ['2026-11-21T16:00:00.000Z', 24, []],
  ['2026-11-21T15:58:59.999Z', 24, ['medium digest_stale']],
  ['2026-11-21T16:00:00.000Z', 12, ['medium digest_stale']],
  [IN_THE_LOOK, 0, []],
  ['2026-11-22T15:00:00.000Z', 0, ['medium digest_stale']],
  ['2026-11-22T17:00:00.001Z', 24, ['medium digest_stale']],
];
for (const [hashed_at, rehash_hours, found] of hashed) {
  test(`a program hashed at ${hashed_at}, to be hashed every ${rehash_hours} hours`, () =>
    assert.equal(judged({ hashed_at, rehash_hours }), found));
}

test('a digest without a time is not believed, and the verdict says how old its oldest is', async () => {
  const { facts, as_of } = await checkFixture(antivirus, 'compliant');
  assert.is(as_of, '2026-11-22T02:00:00.000Z');
  const text = JSON.stringify(facts);
  const expected = antivirus.expectation.parse({
    units: [{ ...declared, unit: 'fakeav.service' }],
  });
  const judge = (from: string) => {
    const judgement = antivirus.judge({
      facts: antivirus.facts.parse(JSON.parse(from)),
      expected,
      now,
    });
    assert.ok(judgement.applicable);
    return judgement.observations.map(({ rule }) => rule).includes('digest_stale');
  };
  assert.not.ok(judge(text));
  assert.ok(judge(text.replace('"hashed_at":"2026-11-22T02:00:00.000Z",', '')));
});

test('where no program is declared, what is seen can be written as evidence', async () => {
  const { host } = fixtureHost('antivirus', 'compliant');
  const section = antivirus.expectation.parse({ units: [{ unit: 'fakeav.service' }] });
  const seen = await observe(antivirus, { host, section, now });
  const { facts } = concludeCheck(seen, { exceptions: [], now });
  assert.ok(Json.safeParse(facts).success, 'a field without a value is no JSON');
});

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
