import type { Envelope } from '../../wire/envelope.ts';
import { NO_DIGEST } from '../../wire/primitives.ts';
import type { OrderState } from '../../wire/routes.ts';
import type { Actor, OrderEvent } from './order-events.ts';
import type { Reader, ReaderEntry } from './readers.ts';
import type {
  Chain,
  Checkpoint,
  Head,
  Host,
  HostKey,
  HostState,
  HostSummary,
  Order,
  Place,
  StoredBundle,
} from './store.ts';

/** Rows as both databases give them: times as RFC 3339 text; what is true is 1 in the one and `true` in the other. */
type Flag = number | boolean;

export type HostRow = {
  host_id: string;
  site_id: string;
  reseller_id: string | null;
  state: HostState;
  enrolled_at: string;
  changed_at: string;
};
export type KeyRow = {
  host_id: string;
  key_id: string;
  public_key: Buffer;
  added_at: string;
  from_chain: string | null;
  from_sequence: number | null;
  until_chain: string | null;
  until_sequence: number | null;
  superseded_at: string | null;
  revoked: Flag;
};
export type ChainRow = {
  host_id: string;
  chain_id: string;
  opened_at: string;
  head_sequence: number;
  head_sha256: string;
  bundles: number;
  highest: number;
  forks: number;
  last_received_at: string;
  gap_since: string | null;
  forked_at: string | null;
};
export type ReceiptRow = {
  receipt_payload: Buffer;
  receipt_signature: Buffer;
  receipt_key_id: string;
};
export type BundleRow = ReceiptRow & {
  arrival: number;
  chain_id: string;
  sequence: number;
  sha256: string;
  fork: Flag;
  bundle: Buffer;
  signature: Buffer;
};
export type CheckpointRow = { size: number; payload: Buffer; signature: Buffer; key_id: string };
export type OrderRow = {
  order_id: string;
  host_id: string;
  site_id: string;
  request_id: string;
  check_id: string;
  runbook_id: string;
  reason: string;
  bundle_sha256: string | null;
  state: OrderState;
  requested_at: string;
  changed_at: string;
  sequence: number | null;
  envelope: string | null;
  expires_at: string | null;
};

export type OrderEventRow = {
  at: string;
  what: OrderEvent['what'];
  by_kind: Actor['kind'];
  by_name: string | null;
};

export type ReaderRow = {
  name: string;
  role: Reader['role'];
  resellers: string | null;
  sites: string | null;
  certificate_sha256: string | null;
  common_name: string | null;
  state: ReaderEntry['state'];
  added_at: string;
  changed_at: string;
};

/** What a host’s bundle about an approved order makes of it; other outcomes leave it as it is. */
export const ORDER_OUTCOMES: Record<string, OrderState> = {
  success: 'done',
  failed: 'failed',
  reverted: 'failed',
  rejected: 'failed',
  expired: 'expired',
};

export function toHost(row: HostRow): Host {
  return {
    hostId: row.host_id,
    siteId: row.site_id,
    resellerId: row.reseller_id,
    state: row.state,
    enrolledAt: row.enrolled_at,
    changedAt: row.changed_at,
  };
}

export function toKey(row: KeyRow): HostKey {
  const place = (chainId: string | null, sequence: number | null): Place | null =>
    chainId === null || sequence === null ? null : { chainId, sequence };
  return {
    keyId: row.key_id,
    publicKey: row.public_key,
    addedAt: row.added_at,
    from: place(row.from_chain, row.from_sequence),
    until: place(row.until_chain, row.until_sequence),
    supersededAt: row.superseded_at,
    revoked: Boolean(row.revoked),
  };
}

/** How far a chain is held; nowhere while it has no row. */
export const toHead = (chain: Pick<ChainRow, 'head_sequence' | 'head_sha256'> | undefined): Head =>
  chain === undefined
    ? { sequence: 0, sha256: NO_DIGEST }
    : { sequence: chain.head_sequence, sha256: chain.head_sha256 };

function toChain(row: ChainRow): Chain {
  return {
    chainId: row.chain_id,
    openedAt: row.opened_at,
    head: toHead(row),
    bundles: row.bundles,
    highest: row.highest,
    forks: row.forks,
    lastReceivedAt: row.last_received_at,
    gapSince: row.gap_since,
    forkedAt: row.forked_at,
  };
}

/** Hosts with their chains, both in their order. */
export function summaries(hosts: readonly HostRow[], chains: readonly ChainRow[]): HostSummary[] {
  const byHost = new Map<string, Chain[]>(hosts.map(({ host_id }) => [host_id, []]));
  for (const row of chains) byHost.get(row.host_id)?.push(toChain(row));
  return hosts.map((row) => ({ host: toHost(row), chains: byHost.get(row.host_id) ?? [] }));
}

export function toEnvelope(row: ReceiptRow): Envelope {
  return envelopeOf(row.receipt_payload, row.receipt_signature, row.receipt_key_id);
}

export function toBundle(row: BundleRow): StoredBundle {
  return {
    arrival: row.arrival,
    chainId: row.chain_id,
    sequence: row.sequence,
    sha256: row.sha256,
    fork: Boolean(row.fork),
    bytes: row.bundle,
    signature: row.signature,
    receipt: toEnvelope(row),
  };
}

export function toCheckpoint({ size, payload, signature, key_id }: CheckpointRow): Checkpoint {
  return { size, envelope: envelopeOf(payload, signature, key_id) };
}

export function toOrder(row: OrderRow): Order {
  return {
    orderId: row.order_id,
    hostId: row.host_id,
    siteId: row.site_id,
    requestId: row.request_id,
    check: row.check_id,
    runbookId: row.runbook_id,
    reason: row.reason,
    bundleSha256: row.bundle_sha256,
    state: row.state,
    requestedAt: row.requested_at,
    changedAt: row.changed_at,
    sequence: row.sequence,
    envelope: row.envelope === null ? null : JSON.parse(row.envelope),
    expiresAt: row.expires_at,
  };
}

export function toOrderEvent({ at, what, by_kind, by_name }: OrderEventRow): OrderEvent {
  return { at, what, by: { kind: by_kind, name: by_name } as Actor };
}

export function toReader({ name, role, resellers, sites }: ReaderRow): Reader {
  const names = (json: string | null): string[] | null => (json === null ? null : JSON.parse(json));
  return { name, role, resellers: names(resellers), sites: names(sites) };
}

export function toReaderEntry(row: ReaderRow): ReaderEntry {
  const { certificate_sha256: sha256, common_name: commonName } = row;
  return {
    ...toReader(row),
    state: row.state,
    certificate: sha256 === null ? null : { sha256, commonName },
    addedAt: row.added_at,
    changedAt: row.changed_at,
  };
}

function envelopeOf(payload: Buffer, signature: Buffer, keyId: string): Envelope {
  return {
    payload: payload.toString('base64'),
    signature: signature.toString('base64'),
    key_id: keyId,
  };
}
