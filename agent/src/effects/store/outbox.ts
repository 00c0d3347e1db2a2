import { backoffMs, type Moment, RESTART_SPREAD_MS, STALLED_AFTER } from '../../core/backoff.ts';
import { noticeOf } from '../../core/notice.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import { Bundle, MAX_BUNDLE_BYTES } from '../../wire/evidence.ts';
import { type Failure, FailureError } from '../../wire/failure.ts';
import type { Notice, NoticeChannel } from '../../wire/notice.ts';
import { guarded } from './failures.ts';
import { bundleFolder, type Layout, readBundleFiles } from './folders.ts';
import type { BundleRow } from './rows.ts';
import type { Db } from './schema.ts';

/** `delivered` counts since the database was made. */
export type OutboxMetrics = {
  readonly pending: number;
  readonly stalled: number;
  readonly delivered: number;
};

/**
 * Notices that wait for a receiver. An entry is written by the append that writes its bundle, so no crash loses one;
 * what it says is read from the bundle when its time has come.
 */
export interface Outbox {
  /** Positions of the entries whose time has come, oldest first. */
  due(channel: NoticeChannel, options: { at: Moment; limit: number }): number[];
  /** What is told. Throws where the bundle is gone or not the one that was written. */
  notice(position: number): Notice;
  markDelivered(channel: NoticeChannel, position: number): void;
  /** Counts a failed try and sets the next as the queue does: 2^n minutes up to 60. */
  markFailed(
    channel: NoticeChannel,
    position: number,
    options: { at: Moment; failure: Failure; jitter: number },
  ): void;
  /** Makes every entry of a channel due, once a receiver that was out of reach answers again. */
  retryNow(channel: NoticeChannel): void;
  /** Milliseconds until the next is due; null where none waits. */
  nextDueMs(channel: NoticeChannel, at: Moment): number | null;
  metrics(channel: NoticeChannel): OutboxMetrics;
}

export function createOutbox({
  db,
  paths,
  bootId,
  channels,
}: {
  db: Db;
  paths: Layout;
  bootId: string;
  channels: readonly NoticeChannel[];
}): Outbox {
  forgetOtherChannels(db, channels);
  db.prepare('UPDATE outbox SET due_ms = abs(random()) % ?, boot_id = ? WHERE boot_id <> ?').run(
    RESTART_SPREAD_MS,
    bootId,
    bootId,
  );
  const due = db
    .prepare<[string, number, number], number>(
      'SELECT position FROM outbox WHERE channel = ? AND due_ms <= ? ORDER BY position LIMIT ?',
    )
    .pluck();
  const row = db.prepare<[number], BundleRow>('SELECT * FROM bundle WHERE position = ?');
  const remove = db.prepare('DELETE FROM outbox WHERE channel = ? AND position = ?');
  const count = db.prepare(
    'INSERT INTO tally VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1',
  );
  const tries = db
    .prepare<[string, number], number>(
      'SELECT tries FROM outbox WHERE channel = ? AND position = ?',
    )
    .pluck();
  const fail = db.prepare(
    `UPDATE outbox SET tries = tries + 1, due_ms = @dueMs, boot_id = @bootId, failure = @failure
      WHERE channel = @channel AND position = @position`,
  );
  const retry = db.prepare('UPDATE outbox SET due_ms = 0, boot_id = ? WHERE channel = ?');
  const next = db
    .prepare<[string], number | null>('SELECT min(due_ms) FROM outbox WHERE channel = ?')
    .pluck();
  const waiting = db.prepare<[string], { entries: number; stalled: number }>(
    `SELECT count(*) AS entries, coalesce(sum(tries >= ${STALLED_AFTER}), 0) AS stalled
      FROM outbox WHERE channel = ?`,
  );
  const delivered = db.prepare<[string], number>('SELECT value FROM tally WHERE name = ?').pluck();
  const finish = db.transaction((channel: NoticeChannel, position: number) => {
    if (remove.run(channel, position).changes > 0) count.run(tallyOf(channel));
  });

  return {
    due: (channel, { at, limit }) =>
      guarded('outbox', () => due.all(channel, at.sinceBootMs, limit)),
    notice: (position) =>
      guarded('outbox', () => {
        const found = row.get(position);
        if (found === undefined) throw new FailureError('absent', { where: 'outbox' });
        const { ended_at: endedAt, bundle_id: bundleId, sha256 } = found;
        const folder = bundleFolder(paths.evidence, { endedAt, bundleId });
        const { bytes } = readBundleFiles(folder, MAX_BUNDLE_BYTES);
        if (sha256Hex(bytes) !== sha256)
          throw new FailureError('malformed', { where: 'outbox', reason: 'altered bundle' });
        return noticeOf(Bundle.parse(JSON.parse(bytes.toString('utf8'))), sha256);
      }),
    markDelivered: (channel, position) =>
      guarded('outbox', () => finish.immediate(channel, position)),
    markFailed: (channel, position, { at, failure, jitter }) =>
      guarded('outbox', () => {
        const before = tries.get(channel, position) ?? 0;
        const dueMs = at.sinceBootMs + backoffMs({ tries: before + 1, jitter });
        fail.run({ channel, position, dueMs, bootId, failure: JSON.stringify(failure) });
      }),
    retryNow: (channel) => guarded('outbox', () => void retry.run(bootId, channel)),
    nextDueMs: (channel, at) =>
      guarded('outbox', () => {
        const soonest = next.get(channel) ?? null;
        return soonest === null ? null : Math.max(0, soonest - at.sinceBootMs);
      }),
    metrics: (channel) =>
      guarded('outbox', () => {
        const { entries = 0, stalled = 0 } = waiting.get(channel) ?? {};
        return {
          pending: entries - stalled,
          stalled,
          delivered: delivered.get(tallyOf(channel)) ?? 0,
        };
      }),
  };
}

const tallyOf = (channel: NoticeChannel): string => `told ${channel}`;

/** What waited for a receiver that is no longer configured would be old news when one is again. */
function forgetOtherChannels(db: Db, channels: readonly NoticeChannel[]): void {
  const places = channels.map(() => '?').join(', ');
  db.prepare(`DELETE FROM outbox WHERE channel NOT IN (${places})`).run(...channels);
}
