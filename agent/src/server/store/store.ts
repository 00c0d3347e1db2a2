import type { Envelope } from '../../wire/envelope.ts';
import type { LogStore } from './log-store.ts';
import type { OrderStore } from './order-store.ts';
import type { ReaderStore, Scope } from './readers.ts';
import type { ViewStore } from './views.ts';

export type { Checkpoint, LogEntry, Seal } from './log-store.ts';
export type { Order } from './order-store.ts';
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

export type StoredBundle = Place & {
  /** Rises with each bundle that the server keeps. */
  readonly arrival: number;
  readonly sha256: string;
  readonly fork: boolean;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly receipt: Envelope;
};

/** Who reads, and what is made ready for them. */
type ReadingStore = ReaderStore & ViewStore;

/**
 * Everything the server keeps. SQLite for one process; PostgreSQL for a fleet takes the same place, so every method is
 * a promise. What a method has promised is durable. Nothing here changes or removes evidence.
 */
export type Store = ReadingStore &
  LogStore &
  OrderStore & {
    /**
     * Enrols a host, or makes one active again. `other_key`: it has another key, and `replaceKey` does not say so.
     * `reader`: its name is that of a reader’s certificate. `keyOf`: a host that is not retired has or had this key, and
     * of two hosts with one key neither could be held to what it signed (AU-10).
     */
    enrol(
      entry: Enrolling,
    ): Promise<'enrolled' | 'known' | 'other_key' | 'reader' | { readonly keyOf: string }>;
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

    /** Housekeeping, now and then: what must be there before it is needed. */
    maintain(): Promise<void>;
    close(): Promise<void>;
  };
