import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BackupStatus } from '../../../agent/src/wire/backup.ts';
import { DIST, testWith } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'borg-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const at = (...path: string[]) => join(folder, ...path);

const env = {
  PATH: process.env.PATH,
  HOME: folder,
  BORG_REPO: at('repository'),
  BORG_PASSPHRASE: 'throwaway',
};
const borg = (...args: string[]) => execFileSync('borg', args, { env, cwd: folder });

/** The bundled program as the hook of the unit calls it. */
function record(...args: string[]): BackupStatus {
  const job = { job: 'pacs', unit: 'borgbackup-job-pacs.service', restore_test: null };
  const baseline = { version: 1, checks: { backup: { jobs: [job] } } };
  writeFileSync(at('baseline.json'), JSON.stringify(baseline));
  writeFileSync(at('config.json'), JSON.stringify({ baseline_path: at('baseline.json') }));
  const { stderr } = spawnSync(
    process.execPath,
    [
      ...[join(DIST, 'compliance-agent.js'), 'backup', 'record', '--job', 'pacs', ...args],
      ...['--config', at('config.json'), '--status-dir', at('status')],
    ],
    { env: { ...env, SERVICE_RESULT: 'success', EXIT_STATUS: '0' }, encoding: 'utf8' },
  );
  assert.not.match(stderr, /compliance-agent:/);
  return BackupStatus.parse(JSON.parse(readFileSync(at('status/pacs.json'), 'utf8')));
}

testWith({ tools: ['borg'] }, 'an archive of this run is found, once', () => {
  mkdirSync(at('data'));
  writeFileSync(at('data', 'record'), 'a record');
  borg('init', '--encryption', 'repokey-blake2');
  assert.is(record('--tool', 'borg').reason, 'snapshot_not_seen');
  borg('create', '::one', 'data');
  const { tool, result, last_success: last } = record('--tool', 'borg');
  assert.equal([tool, result, last?.files, last?.bytes], ['borg', 'success', 1, 8]);
  assert.match(last?.snapshot_id ?? '', /^[0-9a-f]{64}$/);
  assert.is(record('--tool', 'borg').reason, 'snapshot_not_new');
});

test('a borg that cannot be started saw no archive', () => {
  assert.is(record('--tool', 'borg', '--borg', at('missing')).reason, 'snapshot_not_seen');
});

test('of another tool the result of the unit is recorded', () => {
  const { tool, result, last_success: last } = record('--tool', 'other');
  assert.equal([tool, result, last?.snapshot_id], ['other', 'success', null]);
});

test.run();
