import type { Coordinate, Tree } from '../../core/merkle.ts';
import type { Envelope } from '../../wire/envelope.ts';
import type { OrderRequest, OrderState } from '../../wire/routes.ts';
import type { Actor, OrderEvent } from './order-events.ts';
import type { ReaderStore, Scope } from './readers.ts';
import type { ViewStore } from './views.ts';

export type { Reader, Scope } from './readers.ts';

/** `revoked`: no longer trusted. `retired`: gone by intent, its silence is no alarm. Both get 403. */
export type HostState = 'active' | 'revoked' | 'retired';

export type Host = {
  readonly hostId: string;
  readonly siteId: string;
  readonly resellerId: string | null;
  readonly state: HostState;
  readonly enrolledAt: string;
  readonly changedAt: string;
};

export type Place = { readonly chainId: string; readonly sequence: number };

/** A host’s public key and the stretch of a chain for which it counts. */
export type HostKey = {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly addedAt: string;
  /** The bundle that named it, signed by the key before; it counts after that place. Null: by enrolment. */
  readonly from: Place | null;
  /** The bundle that named its successor; it counts up to that place. Null: in force. */
  readonly until: Place | null;
  /** When the successor was received; null: in force. */
  readonly supersededAt: string | null;
  /** Replaced by an administrator: nothing new is taken from it, what is stored still verifies. */
  readonly revoked: boolean;
};

export type Enrolling = Pick<Host, 'hostId' | 'siteId' | 'resellerId'> &
  Pick<HostKey, 'keyId' | 'publicKey'> & {
    /** Whether another key takes the place of those that are there. */
    readonly replaceKey: boolean;
    readonly now: string;
  };

export type Enrolled = { readonly host: Host; readonly keys: readonly HostKey[] };

/** How far a chain is held without a gap. */
export type Head = { readonly sequence: number; readonly sha256: string };

export type Chain = {
  readonly chainId: string;
  readonly openedAt: string;
  readonly head: Head;
  /** Bundles that are kept in this chain, forks apart, and the highest sequence among them. */
  readonly bundles: number;
  readonly highest: number;
  readonly forks: number;
  readonly lastReceivedAt: string;
  /** When the oldest gap was seen that is still there. */
  readonly gapSince: string | null;
  /** When the last fork was kept. */
  readonly forkedAt: string | null;
};

export type HostSummary = { readonly host: Host; readonly chains: readonly Chain[] };

/** A bundle that was verified and parsed. */
export type Arrived = Place & {
  readonly hostId: string;
  readonly sha256: string;
  readonly previousDigest: string;
  readonly keyId: string;
  readonly bundleId: string;
  readonly check: string;
  readonly outcome: string;
  readonly orderId: string | null;
  readonly timestampEnd: string;
  readonly receivedAt: string;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
};

/** What is stored around the place of a bundle that has just arrived. */
export type Surroundings = {
  readonly keys: readonly HostKey[];
  /** When the first bundle of its chain was received; null: it would be the first. */
  readonly chainOpenedAt: string | null;
  readonly head: Head;
  /** SHA-256 of the bundle at the same place, and at the place before. Forks are none of these. */
  readonly same: string | null;
  readonly previous: string | null;
  /** `previous_digest` of the bundle at the place after. */
  readonly nextExpects: string | null;
  /** Whether the bundle that it follows is itself a fork. */
  readonly followsFork: boolean;
};

/** What is to be stored of a bundle beyond itself. */
export type Placed = {
  readonly fork: boolean;
  readonly receipt: Envelope;
  /** The key that takes over after this bundle. */
  readonly successor: { readonly keyId: string; readonly publicKey: Uint8Array } | null;
};

export type Kept = {
  /** Whether these bytes were there already; the receipt is the first one then. */
  readonly known: boolean;
  readonly fork: boolean;
  readonly receipt: Envelope;
  readonly head: Head;
};

export type Order = {
  readonly orderId: string;
  readonly hostId: string;
  readonly siteId: string;
  readonly requestId: string;
  readonly check: string;
  readonly runbookId: string;
  readonly reason: string;
  readonly bundleSha256: string | null;
  readonly state: OrderState;
  readonly requestedAt: string;
  readonly changedAt: string;
  /** Rises by host; given when the order is first exported. */
  readonly sequence: number | null;
  readonly envelope: Envelope | null;
  readonly expiresAt: string | null;
};

export type StoredBundle = Place & {
  /** Rises with each bundle that the server keeps. */
  readonly arrival: number;
  readonly sha256: string;
  readonly fork: boolean;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly receipt: Envelope;
};

/** Signs the tree that a log has grown to. */
export type Seal = (tree: Tree & { readonly logId: string }) => Envelope;

/** A signed state of the Merkle log. */
export type Checkpoint = { readonly size: number; readonly envelope: Envelope };

export type LogEntry = {
  readonly index: number;
  readonly hostId: string;
  readonly sha256: string;
  /** The leaf’s data: the exact payload of the bundle’s receipt. */
  readonly receiptPayload: Uint8Array;
};

/** Who reads, and what is made ready for them. */
type ReadingStore = ReaderStore & ViewStore;

/**
 * Everything the server keeps. SQLite for one process; PostgreSQL for a fleet takes the same place, so every method is
 * a promise. What a method has promised is durable. Nothing here changes or removes evidence.
 */
export type Store = ReadingStore & {
  /**
   * Enrols a host, or makes one active again. `other_key`: it has another key, and `replaceKey` does not say so.
   * `reader`: its name is that of a reader’s certificate.
   */
  enrol(entry: Enrolling): Promise<'enrolled' | 'known' | 'other_key' | 'reader'>;
  enrolled(hostId: string): Promise<Enrolled | null>;
  /** By name; those outside of the scope are as if they were not there. */
  hosts(scope?: Scope): Promise<HostSummary[]>;
  /** False where there is no such host. */
  setHostState(change: { hostId: string; state: HostState; now: string }): Promise<boolean>;

  /** `place` decides inside the transaction, on what is stored then. A throw of it stores nothing. */
  keep(arrived: Arrived, place: (around: Surroundings) => Placed): Promise<Kept>;
  /** A page of a chain by sequence, forks among it; goes on after the last bundle of the page before. */
  bundles(page: {
    hostId: string;
    chainId: string;
    after: Pick<StoredBundle, 'sequence' | 'arrival'> | null;
    limit: number;
  }): Promise<StoredBundle[]>;

  /**
   * Appends to the Merkle log at most `limit` bundles that are kept and not in it yet, with the checkpoint of what it
   * grew to; how many those were. Two servers never do it at once.
   */
  extendLog(step: { limit: number; seal: Seal }): Promise<number>;
  logId(): Promise<string>;
  /** Bundles that are kept and neither in the log nor waiting for it: what takes one out leaves that. */
  unlogged(limit: number): Promise<{ hostId: string; sha256: string }[]>;
  /** The leaf of a bundle; null where it is not in the log. */
  logIndex(hostId: string, sha256: string): Promise<number | null>;
  /** Leaves from `from` on. */
  logEntries(page: { from: number; limit: number }): Promise<LogEntry[]>;
  /** Hashes of complete subtrees, in the order asked; throws where one is not there. */
  logNodes(wanted: readonly Coordinate[]): Promise<Uint8Array[]>;
  /** By size, those larger than `after`. */
  checkpoints(page: { after: number; limit: number }): Promise<Checkpoint[]>;
  /** The newest; null of an empty log. */
  lastCheckpoint(): Promise<Checkpoint | null>;

  /** The same `request_id` of the same host gives the order that was made then. */
  requestOrder(asked: {
    hostId: string;
    siteId: string;
    orderId: string;
    request: OrderRequest;
    now: string;
    maxOpen: number;
  }): Promise<{ order: Order; created: boolean } | 'too_many'>;
  order(orderId: string, scope?: Scope): Promise<Order | null>;
  /** Oldest first. */
  orders(filter: {
    scope?: Scope | undefined;
    hostId?: string | undefined;
    state?: OrderState | undefined;
    limit: number;
  }): Promise<Order[]>;
  /**
   * A requested order with its sequence number, exported for signing; gives it the host’s next one where it has none.
   * Null where there is no such requested order.
   */
  exportOrder(exported: { orderId: string; by: Actor; now: string }): Promise<Order | null>;
  /** False where the order is no longer in state `from`. */
  changeOrder(change: {
    orderId: string;
    from: OrderState;
    to: OrderState;
    by: Actor;
    now: string;
    approval?: { envelope: Envelope; expiresAt: string };
  }): Promise<boolean>;
  /** What became of an order, by whom and when, oldest first. */
  orderEvents(orderId: string): Promise<OrderEvent[]>;
  /** Ends requests made before `requestedBefore`, and approved orders whose time is over. */
  expireOrders(times: { now: string; requestedBefore: string }): Promise<number>;

  /** Housekeeping, now and then: what must be there before it is needed. */
  maintain(): Promise<void>;
  close(): Promise<void>;
};
