import { setImmediate } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import {
  type Answer,
  createAnswer,
  createKeyring,
  gather,
  type Progress,
  type Scanned,
  type Task,
} from './gather.ts';
import { type Looked, type LookOptions, lookPlain } from './look-plain.ts';
import { textOf } from './runs.ts';
import type { Scratch } from './scratch.ts';

/** MiB of a thread’s heap. It needs far less; without a limit it collects its garbage only when it has grown with the folder. */
const LIMITS = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };
const PURPOSE = 'verify evidence';

type Job = {
  readonly purpose: typeof PURPOSE;
  readonly evidence: string;
  readonly receiptKeys: readonly Uint8Array[] | null;
};

/**
 * As `scanEvidence`, with the reading and verifying shared by so many threads, of which this one is one: `look` is what
 * it does. What is loaded here loads each other thread too, so that it is without schemas and the database.
 */
export async function scanInThreads(
  evidence: string,
  {
    publicKeys,
    receiptKeys,
    scratch,
    threads,
    look,
    progress,
  }: {
    readonly publicKeys: readonly Uint8Array[];
    readonly receiptKeys: readonly Uint8Array[] | null;
    readonly scratch: Scratch;
    readonly threads: number;
    readonly look: (task: Task) => Answer;
    readonly progress: Progress;
  },
): Promise<Scanned> {
  const gathered = gather(evidence, { publicKeys, scratch, progress });
  const job: Job = { purpose: PURPOSE, evidence, receiptKeys };
  const others = Array.from({ length: threads - 1 }, () => employ(job, gathered));
  const own = async (): Promise<void> => {
    for (let task = gathered.next(); task !== null; task = gathered.next()) {
      gathered.keep(task, look(task));
      await setImmediate(); // so that the others are heard
    }
  };
  await Promise.all([...others, own()]);
  return gathered.end(look);
}

/** One thread until there is nothing more to look at. It gets its next task before its last answer is kept. */
function employ(
  job: Job,
  { next, keep }: Pick<ReturnType<typeof gather>, 'next' | 'keep'>,
): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: job, resourceLimits: LIMITS });
  return new Promise<void>((resolve, reject) => {
    const given: Task[] = [];
    const give = (): void => {
      const task = next();
      if (task === null) return;
      given.push(task);
      worker.postMessage(task);
    };
    worker.on('error', reject);
    worker.on('message', (answer: Answer) => {
      const task = given.shift();
      give();
      if (task) keep(task, answer);
      if (given.length === 0) resolve();
    });
    give();
    give(); // one that waits, so that the thread never does
    if (given.length === 0) resolve();
  }).finally(() => worker.terminate());
}

/** What another thread does with its tasks, one after the other. Schemas are loaded for the first bundle that needs them. */
function createLookApart({ evidence, receiptKeys }: Job): (task: Task) => Promise<Answer> {
  const keyring = createKeyring();
  const pinned = receiptKeys && keyring(receiptKeys);
  let lookAt: (evidence: string, name: string, options: LookOptions) => Looked | null = lookPlain;
  return async ({ folders, trusted }) => {
    const options = { trusted: keyring(trusted), receiptKeys: pinned };
    const answer = createAnswer();
    for (const name of folders) {
      let looked = lookAt(evidence, name, options);
      if (looked === null) {
        const closely = (await import('./look.ts')).lookAt;
        looked = closely(evidence, name, options);
        lookAt = closely;
      }
      answer.add(name, looked);
    }
    const { runs, ...more } = answer.end();
    return { ...more, runs: runs.map((run) => ({ ...run, content: textOf(run.content) })) };
  };
}

/** In a thread of ours this module is the program; wherever else it is imported it does nothing by itself. */
if (!isMainThread && (workerData as Partial<Job> | null)?.purpose === PURPOSE) {
  const look = createLookApart(workerData as Job);
  let done = Promise.resolve();
  parentPort?.on('message', (task: Task) => {
    done = done.then(async () => parentPort?.postMessage(await look(task)));
  });
}
