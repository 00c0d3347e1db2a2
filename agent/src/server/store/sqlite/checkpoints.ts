import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** Milliseconds between two looks. */
const PAUSE_MS = 500;
/** Pages from which on writers wait a moment for the log’s end, so that it begins anew: 32 MiB. */
const LONG = 8192;
/** Pages at which whoever writes would move them itself; far more, should the thread be held up. */
export const LAST_RESORT = 8 * LONG;

/**
 * Moves what was committed from the write-ahead log into the database, on a thread and a connection of its own: whoever
 * commits does that too by default, every megabyte or four, and all requests wait for it and its two fsyncs
 * (https://sqlite.org/wal.html, “Checkpointing”). Where the thread fails, `failed` is told why.
 */
export function checkpointApart(
  path: string,
  failed: (cause: Error) => void,
): { stop(): Promise<void> } {
  const worker = new Worker(new URL(import.meta.url), { workerData: { checkpoints: path } });
  const ended = once(worker, 'exit').catch(failed);
  worker.unref(); // a server that ends does not wait for the next look
  return {
    async stop() {
      worker.ref();
      worker.postMessage('stop');
      await ended;
    },
  };
}

if (!isMainThread && typeof workerData?.checkpoints === 'string') work(workerData.checkpoints);

function work(path: string): void {
  const database = new Database(path, { timeout: 1000 });
  const timer = setInterval(() => {
    const [done] = database.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
    if ((done?.log ?? 0) > LONG) database.pragma('wal_checkpoint(RESTART)');
  }, PAUSE_MS);
  parentPort?.once('message', () => {
    clearInterval(timer);
    database.close();
  });
}
