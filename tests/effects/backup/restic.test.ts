import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BackupStatus, RestoreStatus } from '../../../agent/src/wire/backup.ts';
import { cheapenKey } from '../../support/restic-key.ts';
import { DIST, testWith } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'backup-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The same for all clinics, so that one repository can be copied: restic spends seconds on a new key. */
const data = join(folder, 'data');
const canary = join(data, '[canary]', 'daily');

/**
 * A real repository of a clinic’s files, and the bundled program as the units call it. From `origin` come the status and
 * the repository: the same, or with `own` a copy (of 260 folders, which takes its time).
 */
function clinic(name: string, origin = name, { own = false } = {}) {
  const at = (...path: string[]) => join(folder, name, ...path);
  const theirs = (...path: string[]) => join(folder, origin, ...path);
  const repository = own ? at('repository') : theirs('repository');
  mkdirSync(at(), { recursive: true });
  if (origin !== name) cpSync(theirs('status'), at('status'), { recursive: true });
  if (own) cpSync(theirs('repository'), repository, { recursive: true });
  const job = { job: 'daily', unit: 'backup.service', canary };
  const checks = { backup: { jobs: [job] } };
  writeFileSync(at('baseline.json'), JSON.stringify({ version: 1, checks }));
  writeFileSync(at('config.json'), JSON.stringify({ baseline_path: at('baseline.json') }));
  const env = {
    PATH: process.env.PATH,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'throwaway',
    RESTIC_CACHE_DIR: join(folder, 'cache'),
    TMPDIR: at(),
  };
  const restic = (...args: string[]) =>
    execFileSync('restic', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const agent = (verb: string, args: string[] = [], input = '') =>
    spawnSync(
      process.execPath,
      [
        ...[join(DIST, 'compliance-agent.js'), 'backup', verb, '--job', 'daily'],
        ...['--config', at('config.json'), '--status-dir', at('status'), ...args],
      ],
      { env: { ...env, SERVICE_RESULT: 'success', EXIT_STATUS: '0' }, encoding: 'utf8', input },
    );
  const status = () =>
    BackupStatus.parse(JSON.parse(readFileSync(at('status/daily.json'), 'utf8')));
  const restored = () =>
    RestoreStatus.parse(JSON.parse(readFileSync(at('status/daily.restore.json'), 'utf8')));
  return { at, restic, agent, status, restored };
}

const tools = { tools: ['restic'] };

testWith(tools, 'before any backup there is no snapshot to record', () => {
  mkdirSync(data);
  writeFileSync(join(data, 'record'), 'a record');
  const { at, restic, agent, status } = clinic('good');
  restic('init');
  cheapenKey(at('repository'), 'throwaway');
  agent('record');
  assert.equal([status().reason, status().last_success], ['snapshot_not_seen', null]);
});

testWith(
  tools,
  'canary, backup, record: the snapshot of this run is found in the repository',
  () => {
    const { at, restic, agent, status } = clinic('good');
    assert.is(agent('canary').status, 0);
    restic('backup', data);
    const recorded = agent('record');
    assert.is(recorded.status, 0, recorded.stderr);
    assert.is(status().result, 'success');
    assert.match(status().last_success?.snapshot_id ?? '', /^[0-9a-f]{64}$/);
    assert.is(statSync(at('status/daily.json')).mode & 0o777, 0o644);
  },
);

testWith(tools, 'restore test: what comes back is what was saved, and nothing stays behind', () => {
  const { at, agent, status, restored } = clinic('restored', 'good');
  const tested = agent('restore-test');
  assert.is(tested.status, 0, tested.stderr);
  const { result, expected_sha256: expected, actual_sha256: actual, snapshot_id: id } = restored();
  assert.equal([result, actual, id], ['passed', expected, status().last_success?.snapshot_id]);
  assert.is(expected, status().last_success?.canary_sha256);
  assert.equal(readdirSync(at('status')), ['daily.json', 'daily.restore.json']);
  assert.equal(
    readdirSync(at()).filter((name) => name.startsWith('restore-test-')),
    [],
  );
});

testWith(tools, 'restic’s own summary on standard input names snapshot, files and bytes', () => {
  const { restic, agent, status } = clinic('summary', 'good', { own: true });
  agent('canary');
  const summary = restic('backup', '--json', data);
  assert.is(agent('record', ['--summary', '-'], summary).status, 0);
  const { last_success: last, duration_sec: seconds } = status();
  assert.equal([last?.files, last?.bytes, last?.snapshot_id?.length], [2, 73, 8]);
  assert.ok(seconds !== null && seconds > 0);
});

testWith(tools, 'a unit that ran without a new snapshot has not succeeded', () => {
  const { agent, status } = clinic('idle', 'good');
  const { last_success: last } = status();
  agent('record');
  assert.equal([status().result, status().reason], ['failed', 'snapshot_not_new']);
  assert.equal(status().last_success, last);
});

testWith(tools, 'a failed unit and a repository that cannot be asked are recorded', () => {
  const { agent, status } = clinic('failed');
  agent('record', ['--result', 'exit-code', '--exit-status', '1']);
  assert.equal(
    [status().result, status().reason, status().exit_code],
    ['failed', 'unit_failed', 1],
  );
  assert.is(agent('record', ['--restic', '/nosuch/restic']).status, 0);
  assert.is(status().reason, 'snapshot_not_seen');
});

const broken: [
  title: string,
  reason: string,
  spoil: (at: (...path: string[]) => string, restic: (...args: string[]) => string) => void,
][] = [
  [
    'a repository whose packs were altered',
    'restore_failed',
    (at) => {
      for (const path of readdirSync(at('repository/data'), {
        recursive: true,
        encoding: 'utf8',
      })) {
        const pack = at('repository/data', path);
        if (!statSync(pack).isFile()) continue;
        chmodSync(pack, 0o600);
        writeFileSync(pack, Buffer.alloc(statSync(pack).size));
      }
    },
  ],
  ['a snapshot that was forgotten', 'restore_failed', (_, restic) => restic('forget', 'latest')],
  [
    'a repository that is gone',
    'restore_failed',
    (at) => rmSync(at('repository'), { recursive: true }),
  ],
  [
    'a status whose digest is of something else',
    'checksum_mismatch',
    (at) => {
      const text = readFileSync(at('status/daily.json'), 'utf8');
      writeFileSync(
        at('status/daily.json'),
        text.replace(/"canary_sha256":"[0-9a-f]{64}"/, `"canary_sha256":"${'0'.repeat(64)}"`),
      );
    },
  ],
  ['no backup at all', 'no_backup', (at) => rmSync(at('status/daily.json'))],
];
for (const [index, [title, reason, spoil]] of broken.entries()) {
  testWith(tools, `${title}: the restore test fails and exits with 1`, () => {
    const { at, restic, agent, restored } = clinic(`broken${index}`, 'good', {
      own: reason === 'restore_failed',
    });
    spoil(at, restic);
    const tested = agent('restore-test');
    assert.is(tested.status, 1, tested.stderr);
    assert.equal([restored().result, restored().reason], ['failed', reason]);
  });
}

testWith(tools, 'a backup that leaves the canary out is found', () => {
  const { restic, agent, restored } = clinic('excluded', 'good');
  agent('canary');
  const summary = restic('backup', '--json', '--exclude', canary.replace(/\[/g, '\\['), data);
  agent('record', ['--summary', '-'], summary);
  assert.is(agent('restore-test').status, 1);
  assert.is(restored().reason, 'canary_missing');
});

test('a job that the baseline does not declare, and a run by hand without a result, are wrong usage', () => {
  const at = join(folder, 'usage');
  mkdirSync(at);
  writeFileSync(join(at, 'baseline.json'), '{"version":1}');
  writeFileSync(
    join(at, 'config.json'),
    JSON.stringify({ baseline_path: join(at, 'baseline.json') }),
  );
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        join(DIST, 'compliance-agent.js'),
        'backup',
        'record',
        '--config',
        join(at, 'config.json'),
        ...args,
      ],
      { encoding: 'utf8' },
    );
  const unknown = run('--job', 'daily', '--result', 'success');
  assert.equal([unknown.status, unknown.stderr.includes('no job daily')], [64, true]);
  const byHand = run('--job', 'daily');
  assert.equal([byHand.status, byHand.stderr.includes('SERVICE_RESULT')], [64, true]);
});

test.run();
