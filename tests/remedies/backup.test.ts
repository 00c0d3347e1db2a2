import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BackupSection } from '../../agent/src/core/backup/section.ts';
import type { Host } from '../../agent/src/core/host.ts';
import type { Hands, Step } from '../../agent/src/core/remedy.ts';
import { runBackupJob } from '../../agent/src/remedies/run-backup-job.ts';
import type { BackupStatus, RestoreStatus } from '../../agent/src/wire/backup.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const [hash, snapshot] = ['a'.repeat(64), 'b'.repeat(64)];
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();

const saved = (job: string, hours: number): BackupStatus => ({
  type: 'compliance-agent/backup/v1',
  job,
  unit: `${job}.service`,
  tool: 'restic',
  result: 'success',
  reason: null,
  exit_code: 0,
  finished_at: ago(hours),
  duration_sec: 1,
  last_success: {
    snapshot_id: snapshot,
    finished_at: ago(hours),
    canary_sha256: hash,
    files: 1,
    bytes: 1,
  },
});
const tested = (job: string, days: number, change: Partial<RestoreStatus> = {}): RestoreStatus => ({
  type: 'compliance-agent/restore-test/v1',
  job,
  result: 'passed',
  reason: null,
  snapshot_id: snapshot,
  expected_sha256: hash,
  actual_sha256: hash,
  tested_at: ago(24 * days),
  duration_sec: 1,
  ...change,
});
const failed = (reason: RestoreStatus['reason']): Partial<RestoreStatus> => ({
  result: 'failed',
  reason,
  actual_sha256: null,
});

/** `home` names the unit of its restore test, `pacs` does not. */
const section = BackupSection.parse({
  jobs: ['home', 'pacs'].map((job) => ({
    job,
    unit: `${job}.service`,
    canary: `/srv/${job}/canary`,
    restore_test: { max_age_days: 31, unit: job === 'home' ? 'test-home.service' : null },
  })),
});

type Files = Record<string, BackupStatus | RestoreStatus>;
const GOOD: Files = {
  'home.json': saved('home', 5),
  'home.restore.json': tested('home', 5),
  'pacs.json': saved('pacs', 5),
  'pacs.restore.json': tested('pacs', 5),
};

/** The units that the remedy starts, in order, and how it ends. */
async function mend(files: Files, exits: Record<string, number> = {}) {
  const started: string[] = [];
  const host = {
    async read(path: string) {
      const file = files[path.replace('/var/lib/compliance-agent-backup/', '')];
      if (file === undefined) throw new FailureError('absent', {});
      return JSON.stringify(file);
    },
    async run() {
      const states = section.jobs.map(({ unit }) => `Id=${unit}\nLoadState=loaded\n`);
      return { exitCode: 0, stdout: states.join('\n') };
    },
  } as unknown as Host;
  const hands = {
    host,
    async run({ command }: Step) {
      const [, , verb, , unit = ''] = command;
      if (verb !== 'start') return { exitCode: 0, ok: true };
      started.push(unit);
      const exitCode = exits[unit] ?? 0;
      return { exitCode, ok: exitCode === 0 };
    },
  } as unknown as Hands;
  const work = { now, hands, section, params: {}, accepted: null, healthTimeout: 1 };
  const { outcome, error } = await runBackupJob.run(work);
  return { started, outcome, error };
}

const cases: [title: string, change: Files, started: string[], outcome?: string][] = [
  ['nothing, as when an order asks for it', {}, ['home.service', 'pacs.service']],
  ['a backup that is too old', { 'pacs.json': saved('pacs', 30) }, ['pacs.service']],
  [
    'a restore test that is too old',
    { 'home.restore.json': tested('home', 40) },
    ['test-home.service'],
  ],
  [
    'a restore test that failed',
    { 'home.restore.json': tested('home', 1, failed('restore_failed')) },
    ['test-home.service'],
  ],
  [
    'a restore test of a backup without a canary',
    { 'home.restore.json': tested('home', 1, failed('canary_not_recorded')) },
    ['home.service', 'test-home.service'],
  ],
  [
    'what came back is not what was saved',
    { 'home.restore.json': tested('home', 1, { actual_sha256: snapshot }) },
    ['home.service', 'test-home.service'],
  ],
  [
    'a restore test whose unit nobody named',
    { 'pacs.restore.json': tested('pacs', 40), 'home.json': saved('home', 30) },
    ['home.service'],
    'alert',
  ],
];
for (const [title, change, started, outcome = 'success'] of cases) {
  test(`what drifted is run again, and nothing else: ${title}`, async () => {
    const done = await mend({ ...GOOD, ...change });
    assert.equal([done.started, done.outcome], [started, outcome]);
  });
}

test('a backup that fails is not tested, and the bundle names its unit', async () => {
  const restore = tested('home', 1, { actual_sha256: snapshot });
  const done = await mend({ ...GOOD, 'home.restore.json': restore }, { 'home.service': 3 });
  assert.equal(done, {
    started: ['home.service'],
    outcome: 'failed',
    error: { code: 'tool_failed', params: { unit: 'home.service', exit_code: 3 } },
  });
});

test.run();
