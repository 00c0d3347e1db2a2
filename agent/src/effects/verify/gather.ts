import { createPlatformVerifier, keyIdOf, type Verifier } from '../../core/ed25519-platform.ts';
import { listDays, namesUnsorted } from '../store/folders.ts';
import { describe, type FolderFault } from './faults.ts';
import type { Looked } from './look-plain.ts';
import type { ReceiptCounts } from './receipts.ts';
import { type Run, runsOf, type Seen } from './runs.ts';
import type { Scratch } from './scratch.ts';

/** Bundles that are looked at together. */
const CHUNK = 64;

/** Folders below `evidence/` to look at, and the keys that are known by then, 32 raw bytes each. */
export type Task = { readonly folders: readonly string[]; readonly trusted: readonly Uint8Array[] };

/** What was seen of them. `keys` are those that key bundles name. */
export type Answer = {
  readonly runs: readonly Run[];
  readonly faults: readonly FolderFault[];
  readonly setAside: readonly string[];
  readonly receipts: ReceiptCounts;
  readonly keys: readonly Uint8Array[];
};

export type Progress = (step: { found?: number; done?: number }) => void;

export type Scanned = {
  readonly faults: readonly FolderFault[];
  readonly receipts: ReceiptCounts;
};

/** Puts together what was looked at, folder by folder. */
export function createAnswer(): { add(name: string, looked: Looked): void; end(): Answer } {
  const seen: Seen[] = [];
  const faults: FolderFault[] = [];
  const setAside: string[] = [];
  const receipts: ReceiptCounts = { absent: 0, fits: 0, verified: 0 };
  const keys: Uint8Array[] = [];
  return {
    add(name, looked) {
      if (looked.fault === 'altered') setAside.push(name);
      else if (looked.fault !== null) faults.push(describe(looked.fault, name));
      if (looked.seen === null) return;
      seen.push(looked.seen);
      if (looked.seen.event !== null) keys.push(...namedKeys(looked.seen));
      const kind = looked.receipt?.kind ?? 'absent';
      if (kind === 'receipt' || kind === 'receipt_key') faults.push(describe(kind, name));
      else receipts[kind] += 1;
    },
    end: () => ({ runs: runsOf(seen), faults, setAside, receipts, keys }),
  };
}

/** The keys that a key bundle names, 32 raw bytes each. */
function namedKeys({ event }: Seen): Uint8Array[] {
  if (event?.kind !== 'key') return [];
  return [event.pre_state, event.post_state].map(({ public_key }) =>
    Uint8Array.from(Buffer.from(public_key, 'base64')),
  );
}

/** Verifiers of keys that come as bytes, each made once. */
export function createKeyring(): (keys: readonly Uint8Array[]) => Verifier[] {
  const known = new Map<string, Verifier>();
  return (keys) =>
    keys.map((key) => {
      const text = Buffer.from(key).toString('latin1');
      const verifier = known.get(text) ?? createPlatformVerifier(key);
      known.set(text, verifier);
      return verifier;
    });
}

/**
 * The tasks of an evidence folder and what comes of them. Keys that key bundles introduce count for the tasks that
 * follow; what fitted none is asked for again at the end, until no new key comes to light.
 */
export function gather(
  evidence: string,
  {
    publicKeys,
    scratch,
    progress = () => {},
  }: {
    publicKeys: readonly Uint8Array[];
    scratch: Scratch;
    progress?: Progress | undefined;
  },
) {
  const faults: FolderFault[] = [];
  const receipts: ReceiptCounts = { absent: 0, fits: 0, verified: 0 };
  const trusted = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  const chunks = chunksOf(evidence, progress);
  let learned = false;
  const taskOf = (folders: readonly string[]): Task => ({
    folders,
    trusted: [...trusted.values()],
  });
  const keep = (answer: Answer): void => {
    for (const run of answer.runs) scratch.add(run);
    for (const name of answer.setAside) scratch.setAside(name);
    faults.push(...answer.faults);
    for (const kind of ['absent', 'fits', 'verified'] as const)
      receipts[kind] += answer.receipts[kind];
    for (const key of answer.keys) {
      learned ||= !trusted.has(keyIdOf(key));
      trusted.set(keyIdOf(key), key);
    }
  };
  return {
    next(): Task | null {
      const { value, done } = chunks.next();
      return done ? null : taskOf(value);
    },
    keep(task: Task, answer: Answer): void {
      keep(answer);
      progress({ done: task.folders.length });
    },
    /** Once all is kept: looks again at what fitted no key, and gives what is wrong with single bundles. */
    end(look: (task: Task) => Answer): Scanned {
      while (learned) {
        learned = false;
        keep(look(taskOf(scratch.takeAside())));
      }
      const altered = scratch.takeAside().map((name) => describe('altered', name));
      return { faults: [...faults.sort(byName), ...altered.sort(byName)], receipts };
    },
  };
}

const byName = (a: FolderFault, b: FolderFault): number => (a.name < b.name ? -1 : 1);

function* chunksOf(evidence: string, progress: Progress): Generator<string[]> {
  for (const day of listDays(evidence)) {
    const found = namesUnsorted(`${evidence}/${day}`, /^[^.]/);
    progress({ found: found.length });
    for (let at = 0; at < found.length; at += CHUNK)
      yield found.slice(at, at + CHUNK).map((name) => `${day}/${name}`);
  }
}
