import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createPlatformVerifier, keyIdOf, type Verifier } from '../../core/ed25519.ts';
import { listDays, names } from '../store/folders.ts';
import type { ReceiptCounts } from './receipts.ts';
import { describe, type FolderFault, lookAt, namedKeys, type Scanned } from './scan.ts';
import { type PackedSeen, packSeen, type Scratch } from './scratch.ts';

/** Bundles that a thread looks at before it answers. */
const CHUNK = 256;
/** MiB of a thread’s heap. It needs far less; without a limit it collects its garbage only when it has grown with the folder. */
const LIMITS = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 128 };
const PURPOSE = 'verify evidence';

type Job = {
  readonly purpose: typeof PURPOSE;
  readonly evidence: string;
  readonly receiptKeys: readonly Uint8Array[] | null;
};
type Task = { readonly folders: readonly string[]; readonly trusted: readonly Uint8Array[] };
type Answer = {
  readonly seen: readonly PackedSeen[];
  readonly faults: readonly FolderFault[];
  readonly setAside: readonly string[];
  readonly receipts: ReceiptCounts;
  readonly keys: readonly Uint8Array[];
};

/**
 * As `scanEvidence`, with the reading and verifying done by worker threads; this thread only keeps what they saw. Keys
 * that key bundles introduce count for the chunks that follow; what fitted none is tried again at the end.
 */
export async function scanInThreads(
  evidence: string,
  {
    publicKeys,
    scratch,
    receiptKeys,
    threads,
    progress,
  }: {
    publicKeys: readonly Uint8Array[];
    scratch: Scratch;
    receiptKeys: readonly Verifier[] | null;
    threads: number;
    progress: (step: { found?: number; done?: number }) => void;
  },
): Promise<Scanned> {
  const faults: FolderFault[] = [];
  const receipts: ReceiptCounts = { absent: 0, fits: 0, verified: 0 };
  const trusted = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  let learned = false;
  const keep = (answer: Answer): void => {
    for (const seen of answer.seen) scratch.addPacked(seen);
    for (const name of answer.setAside) scratch.setAside(name);
    faults.push(...answer.faults);
    for (const kind of ['absent', 'fits', 'verified'] as const)
      receipts[kind] += answer.receipts[kind];
    for (const key of answer.keys) {
      learned ||= !trusted.has(keyIdOf(key));
      trusted.set(keyIdOf(key), key);
    }
  };
  const keys = receiptKeys?.map(({ publicKey }) => publicKey) ?? null;
  const job: Job = { purpose: PURPOSE, evidence, receiptKeys: keys };
  const chunks = chunksOf(evidence, progress);
  const next = (): Task | null => {
    const { value, done } = chunks.next();
    return done ? null : { folders: value, trusted: [...trusted.values()] };
  };
  const take = (answer: Answer): void => {
    keep(answer);
    progress({ done: answer.seen.length + answer.faults.length + answer.setAside.length });
  };
  await Promise.all(Array.from({ length: threads }, () => employ(job, { next, take })));
  while (learned) {
    learned = false;
    const folders = scratch.takeAside();
    keep(lookAtAll({ folders, trusted: [...trusted.values()] }, job));
  }
  faults.push(...scratch.takeAside().map((name) => describe('altered', name)));
  return { faults, receipts };
}

function* chunksOf(
  evidence: string,
  progress: (step: { found: number }) => void,
): Generator<string[]> {
  for (const day of listDays(evidence)) {
    const found = names(join(evidence, day), /^[^.]/).map((name) => `${day}/${name}`);
    progress({ found: found.length });
    for (let at = 0; at < found.length; at += CHUNK) yield found.slice(at, at + CHUNK);
  }
}

/** One thread until there is nothing more to look at. It gets its next task before its last answer is kept. */
function employ(
  job: Job,
  { next, take }: { next: () => Task | null; take: (answer: Answer) => void },
): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: job, resourceLimits: LIMITS });
  return new Promise<void>((resolve, reject) => {
    let open = 0;
    const give = (): void => {
      const task = next();
      if (task === null) return;
      open += 1;
      worker.postMessage(task);
    };
    worker.on('error', reject);
    worker.on('message', (answer: Answer) => {
      open -= 1;
      give();
      take(answer);
      if (open === 0) resolve();
    });
    give();
    give(); // one that waits, so that the thread never does
    if (open === 0) resolve();
  }).finally(() => worker.terminate());
}

function lookAtAll({ folders, trusted }: Task, { evidence, receiptKeys }: Job): Answer {
  const verifiers = trusted.map(createPlatformVerifier);
  const pinned = receiptKeys?.map(createPlatformVerifier) ?? null;
  const seen: PackedSeen[] = [];
  const faults: FolderFault[] = [];
  const setAside: string[] = [];
  const receipts: ReceiptCounts = { absent: 0, fits: 0, verified: 0 };
  const keys: Uint8Array[] = [];
  for (const name of folders) {
    const looked = lookAt(evidence, name, { trusted: verifiers, receiptKeys: pinned });
    if (looked.fault === 'altered') setAside.push(name);
    else if (looked.fault !== null) faults.push(describe(looked.fault, name));
    if (looked.seen === null) continue;
    seen.push(packSeen(looked.seen));
    keys.push(...namedKeys(looked.seen));
    const kind = looked.receipt?.kind ?? 'absent';
    if (kind === 'receipt' || kind === 'receipt_key') faults.push(describe(kind, name));
    else receipts[kind] += 1;
  }
  return { seen, faults, setAside, receipts, keys };
}

/** In a thread of ours this module is the program; wherever else it is imported it does nothing by itself. */
if (!isMainThread && (workerData as Partial<Job> | null)?.purpose === PURPOSE) {
  const job = workerData as Job;
  parentPort?.on('message', (task: Task) => parentPort?.postMessage(lookAtAll(task, job)));
}
