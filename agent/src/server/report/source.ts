import type { PacketSource, SourceBundle } from '../../effects/packet/write.ts';
import type { Bundle } from '../../wire/evidence.ts';
import type { HostSummary, Store, StoredBundle } from '../store/store.ts';

const PAGE = 500;

/** What is kept of some hosts and ended from `since` to before `until`, forks among it, as a source of packets. */
export async function storedSource(
  store: Store,
  {
    hosts,
    since,
    until,
    progress = () => {},
  }: {
    hosts: readonly HostSummary[];
    since: string;
    until: string;
    progress?: (step: { found?: number; done?: number }) => void;
  },
): Promise<PacketSource> {
  const keys = new Map<string, Uint8Array[]>();
  for (const { host } of hosts) {
    const enrolled = await store.enrolled(host.hostId);
    keys.set(host.hostId, enrolled?.keys.map(({ publicKey }) => publicKey) ?? []);
  }
  async function* bundles(): AsyncGenerator<SourceBundle> {
    for (const { host, chains } of hosts)
      for (const { chainId } of chains)
        for await (const stored of chainOf(store, { hostId: host.hostId, chainId })) {
          progress({ found: 1, done: 1 });
          const source = sourceBundle(stored, { hostId: host.hostId, since, until });
          if (source !== null) yield source;
        }
  }
  return { bundles: bundles(), keys };
}

async function* chainOf(store: Store, place: { hostId: string; chainId: string }) {
  for (let after: StoredBundle | null = null; ; ) {
    const page: StoredBundle[] = await store.bundles({ ...place, after, limit: PAGE });
    yield* page;
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return;
  }
}

/** Stored bytes were verified when they came; whoever makes a packet of them verifies them again. */
function sourceBundle(
  { bytes, signature, receipt }: StoredBundle,
  { hostId, since, until }: { hostId: string; since: string; until: string },
): SourceBundle | null {
  const { timestamp_end, bundle_id } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Bundle;
  if (timestamp_end < since || timestamp_end >= until) return null;
  return {
    host_id: hostId,
    place: `${timestamp_end.slice(0, 10).replaceAll('-', '/')}/${bundle_id}`,
    bytes,
    signature: `${Buffer.from(signature).toString('base64')}\n`,
    receipt: {
      bytes: Buffer.from(receipt.payload, 'base64'),
      signature: `${receipt.signature}\n`,
    },
  };
}
