import * as z from 'zod';
import { SnapshotId } from '../../wire/backup.ts';

/** What of a snapshot goes into a job’s status. */
export type Snapshot = {
  /** Null where the tool names none. */
  readonly id: string | null;
  readonly files: number | null;
  readonly bytes: number | null;
  readonly durationSec: number | null;
};

const Summary = z.object({
  message_type: z.literal('summary'),
  snapshot_id: SnapshotId,
  total_files_processed: z.int().min(0),
  total_bytes_processed: z.int().min(0),
  total_duration: z.number().min(0),
});

/** The snapshot of `restic backup --json`, whose last message is the summary; null where it made none. */
export function parseSummary(output: string): Snapshot | null {
  for (const line of output.split('\n').reverse()) {
    const summary = Summary.safeParse(json(line));
    if (summary.success) {
      const { data } = summary;
      return {
        id: data.snapshot_id,
        files: data.total_files_processed,
        bytes: data.total_bytes_processed,
        durationSec: data.total_duration,
      };
    }
  }
  return null;
}

const Listed = z.object({
  id: SnapshotId,
  time: z.string().refine((time) => !Number.isNaN(Date.parse(time))),
  paths: z.array(z.string()),
  /** Since restic 0.17. */
  summary: z
    .object({
      total_files_processed: z.int().min(0),
      total_bytes_processed: z.int().min(0),
      backup_start: z.string(),
      backup_end: z.string(),
    })
    .partial()
    .optional(),
});
const List = z.array(Listed);
export type ListedSnapshot = z.infer<typeof Listed>;

/** `restic snapshots --json`. Throws where that is not what was printed. */
export function parseSnapshots(output: string): ListedSnapshot[] {
  return List.parse(JSON.parse(output));
}

/** The newest snapshot that holds a path: several jobs may share a repository. */
export function newestSnapshot(
  list: readonly ListedSnapshot[],
  path: string | null,
): Snapshot | null {
  const newest = list
    .filter(({ paths }) => path === null || paths.some((saved) => holds(saved, path)))
    .sort((one, two) => Date.parse(one.time) - Date.parse(two.time))
    .at(-1);
  if (newest === undefined) return null;
  const { backup_start: start = '', backup_end: end = '', ...counts } = newest.summary ?? {};
  const duration = (Date.parse(end) - Date.parse(start)) / 1000;
  return {
    id: newest.id,
    files: counts.total_files_processed ?? null,
    bytes: counts.total_bytes_processed ?? null,
    durationSec: duration >= 0 ? duration : null,
  };
}

function holds(saved: string, path: string): boolean {
  return path === saved || path.startsWith(saved.endsWith('/') ? saved : `${saved}/`);
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // restic’s other lines need not be JSON
  }
}
