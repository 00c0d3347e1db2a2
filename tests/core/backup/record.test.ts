import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { backupStatus } from '../../../agent/src/core/backup/record.ts';
import {
  newestSnapshot,
  parseSnapshots,
  parseSummary,
  type Snapshot,
} from '../../../agent/src/core/backup/restic.ts';
import { BackupStatus, type BackupTool } from '../../../agent/src/wire/backup.ts';

const ID = 'fd177ba2a6e55dc192e8524d9cea48b76d4889d943287ac19956df75ca03d0bf';
const job = { job: 'daily', unit: 'backup.service' };
const snapshot = { id: ID, files: 2, bytes: 30, durationSec: 1.5 };
const first = status({ result: 'success', exit: '0' }, null);

function status(
  {
    result,
    exit,
    made = snapshot,
    tool = 'restic',
  }: { result: string; exit: string; made?: Snapshot | null; tool?: BackupTool },
  previous: BackupStatus | null,
): BackupStatus {
  return BackupStatus.parse(
    backupStatus({
      job,
      tool,
      unitResult: { serviceResult: result, exitStatus: exit },
      snapshot: made,
      canarySha256: 'c'.repeat(64),
      previous,
      now: new Date('2026-11-22T02:00:00.000Z'),
    }),
  );
}

test('a run that succeeded names its snapshot and what the canary was', () => {
  assert.equal([first.result, first.reason, first.exit_code], ['success', null, 0]);
  assert.equal(first.last_success, {
    snapshot_id: ID,
    finished_at: '2026-11-22T02:00:00.000Z',
    canary_sha256: 'c'.repeat(64),
    files: 2,
    bytes: 30,
  });
});

const cases: [title: string, run: Parameters<typeof status>[0], expected: unknown[]][] = [
  ['the unit failed', { result: 'exit-code', exit: '1' }, ['failed', 'unit_failed', 1]],
  ['the unit was killed', { result: 'signal', exit: 'KILL' }, ['failed', 'unit_failed', null]],
  [
    'files could not be read',
    { result: 'exit-code', exit: '3' },
    ['incomplete', 'files_unread', 3],
  ],
  ['no snapshot', { result: 'success', exit: '0', made: null }, ['failed', 'snapshot_not_seen', 0]],
  ['no new snapshot', { result: 'success', exit: '0' }, ['failed', 'snapshot_not_new', 0]],
  [
    'no new snapshot, by its short id',
    { result: 'success', exit: '0', made: { ...snapshot, id: 'fd177ba2' } },
    ['failed', 'snapshot_not_new', 0],
  ],
];
const nameless: Snapshot = { id: null, files: null, bytes: null, durationSec: null };
test('of a tool that names no snapshot, each success of its unit counts', () => {
  const run = { result: 'success', exit: '0', made: nameless, tool: 'other' } as const;
  const second = status(run, status(run, null));
  assert.equal([second.result, second.last_success?.snapshot_id], ['success', null]);
});

test('exit code 3 means unread files only with restic', () => {
  const run = { result: 'exit-code', exit: '3', tool: 'borg' } as const;
  assert.is(status(run, null).reason, 'unit_failed');
});

for (const [title, run, expected] of cases) {
  test(`${title}: the last success is kept`, () => {
    const { result, reason, exit_code: code, last_success: last } = status(run, first);
    assert.equal([result, reason, code], expected);
    assert.equal(last, first.last_success);
  });
}

test('the summary is the last message of restic 0.14', () => {
  const output = `{"message_type":"status","percent_done":1}
{"message_type":"summary","files_new":1,"files_changed":0,"total_files_processed":1,"total_bytes_processed":3,"total_duration":0.208253077,"snapshot_id":"fd177ba2"}
`;
  assert.equal(parseSummary(output), {
    id: 'fd177ba2',
    files: 1,
    bytes: 3,
    durationSec: 0.208253077,
  });
  assert.is(parseSummary('{"message_type":"status"}\nFatal: no\n'), null);
  assert.is(parseSummary(''), null);
});

test('the newest snapshot that holds the canary, whichever restic wrote the list', () => {
  const one = (id: string, time: string, path: string, summary?: object) => ({
    ...{ time, tree: ID, paths: [path], hostname: 'vm', username: 'root', id, short_id: id },
    ...(summary && { summary }),
  });
  const list = parseSnapshots(
    JSON.stringify([
      one('a'.repeat(64), '2026-11-22T03:00:00.000000001Z', '/srv'),
      one('b'.repeat(64), '2026-11-22T04:00:00+02:00', '/srv/phi', {
        backup_start: '2026-11-22T01:59:58.5Z',
        backup_end: '2026-11-22T02:00:00Z',
        total_files_processed: 7,
        total_bytes_processed: 70,
      }),
      one('c'.repeat(64), '2026-11-22T05:00:00Z', '/srv/phi-other'),
    ]),
  );
  const newest = (path: string | null) => newestSnapshot(list, path);
  assert.is(newest(null)?.id, 'c'.repeat(64));
  assert.is(newest('/srv/phi/canary')?.id, 'a'.repeat(64));
  assert.is(newest('/home/x'), null);
  const alone = list.slice(1, 2);
  assert.equal(newestSnapshot(alone, null), {
    id: 'b'.repeat(64),
    files: 7,
    bytes: 70,
    durationSec: 1.5,
  });
});

test.run();
