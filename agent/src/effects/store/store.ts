import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { createPlatformVerifier, type Signer } from '../../core/ed25519.ts';
import type { Draft, HostContext } from '../../wire/evidence.ts';
import { type Failure, FailureError } from '../../wire/failure.ts';
import { InputError } from '../../wire/input.ts';
import type { ChainReason } from '../../wire/lineage.ts';
import type { NoticeChannel } from '../../wire/notice.ts';
import { readBootId } from '../moment.ts';
import { createQueue, type Queue } from '../queue/queue.ts';
import { appendBundle, type Recorded, type Writer } from './append.ts';
import { recordNewChain, recordRotation } from './events.ts';
import { guarded, storeFailure } from './failures.ts';
import { FOLDER_MODE, layout, listDays } from './folders.ts';
import { takeLock } from './lock.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import { type Pruned, type PruneOptions, prune } from './prune.ts';
import { createReader, type Reader } from './reader.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';
import { rebuildIndex } from './reindex.ts';
import { prepareRows } from './rows.ts';
import { type Db, openDatabase } from './schema.ts';
import { prepareUnsynced } from './unsynced.ts';

/** The one writer of a state folder. All methods throw `FailureError`; nothing they did half is left behind. */
export interface Store extends Reader {
  /** What the start found that the index did not know. */
  readonly reconciliation: Reconciliation;
  readonly queue: Queue;
  readonly outbox: Outbox;
  /** Writes one bundle, durably: signed, chained, indexed and, where a server is configured, queued. */
  append(draft: Draft, context: HostContext): Recorded;
  /** Waits until the disk has the files of every bundle too; why it could not, null where it did (unsynced.ts). */
  settle(): Promise<Failure | null>;
  /** Removes what retention no longer asks for, gently; leaves a chained bundle that says what went. */
  prune(options: PruneOptions): Promise<Pruned>;
  /** Hands the chain over to another key, which signs from now on. The key file is for the caller to replace. */
  rotateKey(next: Signer, options: { context: HostContext; at: Date }): Recorded[];
  /** Begins a new chain that names the present one’s end: after a 409, or on a restored host. */
  beginChain(options: { reason: ChainReason; context: HostContext; at: Date }): Recorded;
}

export type StoreOptions = {
  readonly stateDir: string;
  /** The signer that the chain expects: `inForce` is its key id, null for an empty store. */
  readonly key: (inForce: string | null) => Signer;
  /** Whether a server is configured, so that bundles wait for their receipts. */
  readonly queueing: boolean;
  /** Who is told of alerts and outcomes, through the outbox. */
  readonly channels?: readonly NoticeChannel[];
  /** The running boot; another one makes every queued upload due soon. */
  readonly bootId?: string;
};

/**
 * Opens a state folder to write: takes its lock, brings the index up to date and reconciles it with the folders.
 * Throws `busy` where another process writes, `InputError` for a database of a newer version or another key.
 */
export function openStore({
  stateDir,
  key,
  queueing,
  channels = [],
  bootId = readBootId(),
}: StoreOptions): Store {
  const paths = layout(stateDir);
  return guarded('store', () => {
    mkdirSync(stateDir, { recursive: true, mode: FOLDER_MODE });
    accessSync(stateDir, constants.W_OK); // tells a read-only folder from one that is closed to us; SQLite does not
    const lock = takeLock(stateDir);
    let db: Db | undefined;
    try {
      if (!existsSync(paths.database) && !listDays(paths.evidence).next().done)
        rebuildIndex({ stateDir, publicKeys: [key(null).publicKey] });
      const opened = openDatabase(paths.database);
      db = opened;
      const unsynced = prepareUnsynced(db, paths);
      const rows = prepareRows(db);
      const writer: Writer = { db, rows, unsynced, paths, queueing, bootId, channels };
      let signer = signerInForce(writer, key);
      const reconciliation = reconcile(writer, [createPlatformVerifier(signer.publicKey)]);
      signer = signerInForce(writer, key);
      const queue = createQueue({ db, paths, bootId });
      const outbox = createOutbox({ db, paths, bootId, channels });
      if (queueing) queue.enqueueWaiting();
      return {
        ...createReader({ db, paths }),
        reconciliation,
        queue,
        outbox,
        append: (draft, context) => {
          if (OWN_KINDS.includes(draft.check))
            throw new FailureError('internal', { where: 'store', reason: draft.check });
          return guarded('store', () => appendBundle(writer, { draft, context, signer }));
        },
        settle: unsynced.settle,
        prune: (options) =>
          prune(writer, signer, options).catch((error: unknown) => {
            throw storeFailure(error, 'store');
          }),
        rotateKey: (next, options) =>
          guarded('store', () => {
            const rotation = { ...options, from: signer, to: next };
            const handedOver = recordRotation(writer, { ...rotation, signer });
            signer = next; // from here on the chain expects it, whatever becomes of the second bundle
            return [handedOver, recordRotation(writer, { ...rotation, signer })];
          }),
        beginChain: (options) =>
          guarded('store', () => recordNewChain(writer, { ...options, signer })),
        close: () => {
          unsynced.settleNow(); // what the disk does not take is in the index still, for the next start
          opened.close();
          lock.release();
        },
      };
    } catch (error) {
      db?.close();
      lock.release();
      throw error;
    }
  });
}

/** Bundles that only the store itself may write, as they change what follows. */
const OWN_KINDS: readonly string[] = ['key', 'chain', 'retention'];

function signerInForce({ rows, paths }: Writer, key: StoreOptions['key']): Signer {
  const inForce = rows.head()?.key_id ?? null;
  const signer = key(inForce);
  if (inForce === null || signer.keyId === inForce) return signer;
  throw new InputError(paths.stateDir, [
    {
      field: 'signing key',
      found: `key ${signer.keyId}`,
      expected: `expected key ${inForce}, which the chain names (keys rotate hands over to a new one)`,
    },
  ]);
}

export { openReader } from './reader.ts';
/** Whether anything was ever recorded in a state folder. */
export const hasStore = (stateDir: string): boolean => existsSync(layout(stateDir).database);
