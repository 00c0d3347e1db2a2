import { chainEvent } from '../../core/chain.ts';
import { createPlatformVerifier } from '../../core/ed25519.ts';
import { openBundle } from '../../core/record.ts';
import { dayOf, readReceipt } from '../store/folders.ts';
import type { Reader } from '../store/reader.ts';
import type { BundleRow } from '../store/rows.ts';
import type { PacketSource, SourceBundle } from './write.ts';

const PAGE = 500;

/** This host’s own bundles that ended from `since` to before `until` (milliseconds), as a source of packets. */
export function storeSource(
  reader: Reader,
  {
    hostId,
    since,
    until,
    publicKeys,
    progress = () => {},
  }: {
    hostId: string;
    since: number;
    until: number;
    publicKeys: readonly Uint8Array[];
    progress?: (step: { found?: number; done?: number }) => void;
  },
): PacketSource {
  function* bundles(): Generator<SourceBundle> {
    for (const rows of pages(reader, { since, until })) {
      progress({ found: rows.length });
      for (const row of rows) {
        yield sourceBundle(reader, row, hostId);
        progress({ done: 1 });
      }
    }
  }
  return { bundles: bundles(), keys: new Map([[hostId, learnKeys(reader, publicKeys)]]) };
}

function* pages(reader: Reader, query: { since?: number; until?: number; check?: string }) {
  for (let after = 0; ; ) {
    const page = reader.list({ ...query, oldestFirst: true, after, limit: PAGE });
    yield page.bundles;
    if (page.next === null) return;
    after = page.next;
  }
}

function sourceBundle(reader: Reader, row: BundleRow, host_id: string): SourceBundle {
  const { folder, bytes, signature } = reader.files(row);
  const place = `${dayOf(row.ended_at)}/${row.bundle_id}`;
  return { host_id, place, bytes, signature, receipt: readReceipt(folder) };
}

/** The keys that are trusted, and those that key bundles which they vouch for name, in a fixed order. */
function learnKeys(reader: Reader, publicKeys: readonly Uint8Array[]): Uint8Array[] {
  const known = new Map(publicKeys.map((key) => [createPlatformVerifier(key).keyId, key]));
  const rows = [...pages(reader, { check: 'key' })].flat();
  for (let before = -1; before < known.size; ) {
    before = known.size;
    for (const row of rows) {
      const { bytes, signature } = reader.files(row);
      const verifiers = [...known.values()].map(createPlatformVerifier);
      const opened = openBundle({ bytes, signature, verifiers });
      const event = opened.ok ? chainEvent(opened.bundle) : null;
      if (event?.kind !== 'key') continue;
      for (const { key_id, public_key } of [event.pre_state, event.post_state])
        known.set(key_id, Uint8Array.from(Buffer.from(public_key, 'base64')));
    }
  }
  return [...known].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
}
