import type { Verifier } from '../../core/ed25519.ts';
import { type Coordinate, coordinatesOf, grow, leafHash, rangeHash } from '../../core/merkle.ts';
import { type OpenedCheckpoint, openCheckpoint } from '../../core/proof.ts';
import type { Envelope } from '../../wire/envelope.ts';
import { FailureError } from '../../wire/failure.ts';
import type { Checkpoint, Store } from '../store/store.ts';

const PAGE = 500;

export type LogReport = {
  readonly size: number;
  readonly checkpoints: number;
  readonly faults: readonly string[];
};

/**
 * Builds the whole log again from the receipts that are kept, and compares every subtree that is stored and every
 * checkpoint that was ever signed with it: so each bundle is included, and each state is consistent with the next.
 * `witnessed` are checkpoints that someone else kept: whoever holds database and key could rewrite all but those.
 */
export async function verifyLog(
  store: Store,
  receiptKeys: readonly Verifier[],
  witnessed: readonly Envelope[] = [],
): Promise<LogReport> {
  const faults: string[] = [];
  const logId = await store.logId();
  const edge = new Map<string, Uint8Array>();
  const read = (at: Coordinate) => edge.get(nameOf(at)) ?? new Uint8Array();
  const checkpoints = merged(allCheckpoints(store), openAll(witnessed, receiptKeys, faults));
  let checkpoint = await checkpoints.next();
  let [size, seen] = [0, 0];

  for await (const { index, receiptPayload } of allEntries(store)) {
    if (index !== size) {
      faults.push(`leaf ${size} is missing`);
      break;
    }
    const grown = grow({ size, leaves: [leafHash(receiptPayload)], read });
    faults.push(...(await differing(store, grown)));
    size += 1;
    for (const node of grown) edge.set(nameOf(node), node.hash);
    keepEdge(edge, size);
    while (!checkpoint.done && checkpoint.value.size <= size) {
      const root = rangeHash({ start: 0, end: size }, read);
      const fault = checkpointFault(checkpoint.value, { logId, size, root, receiptKeys });
      if (fault !== null) faults.push(`checkpoint ${checkpoint.value.size} ${fault}`);
      seen += 1;
      checkpoint = await checkpoints.next();
    }
  }
  if (!checkpoint.done) faults.push(`checkpoint ${checkpoint.value.size} is of more than is kept`);
  for (const { hostId, sha256 } of await store.unlogged(PAGE)) {
    faults.push(`${sha256} of ${hostId} is kept and not in the log`);
  }
  return { size, checkpoints: seen, faults };
}

const nameOf = ({ level, index }: Coordinate): string => `${level}/${index}`;

/** Only the right edge is asked again: memory does not grow with the log. */
function keepEdge(nodes: Map<string, Uint8Array>, size: number): void {
  const wanted = new Set(coordinatesOf({ start: 0, end: size }).map(nameOf));
  for (const name of nodes.keys()) if (!wanted.has(name)) nodes.delete(name);
}

async function differing(
  store: Store,
  grown: readonly (Coordinate & { hash: Uint8Array })[],
): Promise<string[]> {
  try {
    const stored = await store.logNodes(grown);
    return grown
      .filter(({ hash }, at) => Buffer.compare(hash, stored[at] ?? Buffer.alloc(0)) !== 0)
      .map((node) => `node ${nameOf(node)} is not the hash of what is kept`);
  } catch (error) {
    if (error instanceof RangeError) return [error.message];
    throw error;
  }
}

function checkpointFault(
  { size: claimed, envelope }: Checkpoint,
  actual: { logId: string; size: number; root: Uint8Array; receiptKeys: readonly Verifier[] },
): string | null {
  let opened: OpenedCheckpoint;
  try {
    opened = openCheckpoint(envelope, actual.receiptKeys);
  } catch (error) {
    if (error instanceof FailureError) return 'is not signed by this server';
    throw error;
  }
  const { payload, tree } = opened;
  const holds =
    payload.log_id === actual.logId &&
    claimed === actual.size &&
    tree.size === actual.size &&
    Buffer.compare(tree.root, actual.root) === 0;
  return holds ? null : 'is not the root of what is kept';
}

/** Checkpoints from elsewhere, by size. */
function openAll(
  envelopes: readonly Envelope[],
  receiptKeys: readonly Verifier[],
  faults: string[],
): Checkpoint[] {
  const found: Checkpoint[] = [];
  for (const envelope of envelopes) {
    try {
      found.push({ size: openCheckpoint(envelope, receiptKeys).tree.size, envelope });
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      faults.push('a checkpoint from elsewhere is not signed by this server');
    }
  }
  return found.sort((one, other) => one.size - other.size);
}

async function* merged(
  own: AsyncIterable<Checkpoint>,
  others: Checkpoint[],
): AsyncGenerator<Checkpoint, undefined> {
  for await (const checkpoint of own) {
    while ((others[0]?.size ?? Infinity) <= checkpoint.size) yield others.shift() as Checkpoint;
    yield checkpoint;
  }
  yield* others;
}

async function* allEntries(store: Store) {
  for (let from = 0; ; ) {
    const page = await store.logEntries({ from, limit: PAGE });
    yield* page;
    from = (page.at(-1)?.index ?? 0) + 1;
    if (page.length < PAGE) return;
  }
}

async function* allCheckpoints(store: Store): AsyncGenerator<Checkpoint, undefined> {
  for (let after = 0; ; ) {
    const page = await store.checkpoints({ after, limit: PAGE });
    yield* page;
    after = page.at(-1)?.size ?? 0;
    if (page.length < PAGE) return;
  }
}
