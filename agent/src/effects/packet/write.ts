import { createPlatformVerifier, type Signer, type Verifier } from '../../core/ed25519.ts';
import { publicKeyToPem } from '../../core/keys.ts';
import { openBundle } from '../../core/record.ts';
import { derivedFiles, STATEMENT, SUMS, sumsText } from '../../core/report/derived.ts';
import { type Entry, entryOf } from '../../core/report/entry.ts';
import { sealStatement, statementBytes } from '../../core/report/exports/statement.ts';
import type { ReportFacts } from '../../core/report/facts.ts';
import type { Control, Parameters } from '../../core/report/parameters.ts';
import { receiptFor } from '../../core/report/received.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import { createZip } from './zip-write.ts';

/** A bundle as it is stored, wherever that is: `place` is `YYYY/MM/DD/ID`. */
export type SourceBundle = {
  readonly host_id: string;
  readonly place: string;
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly receipt: { readonly bytes: Uint8Array; readonly signature: string } | null;
};

/** What a report is made of: bundles, in the order of their numbers, and the public keys of each host. */
export type PacketSource = {
  readonly bundles: Iterable<SourceBundle> | AsyncIterable<SourceBundle>;
  readonly keys: ReadonlyMap<string, readonly Uint8Array[]>;
};

/** Verified bundles as entries; the number of those that are not what any key of their host signed. */
export type Collected = { readonly entries: Entry[]; readonly refused: number };

/** Reads a source to its end; each bundle is verified before it is believed. `also` is handed every one. */
export async function collectEntries(
  { bundles, keys }: PacketSource,
  also: (bundle: SourceBundle) => Promise<void> = async () => {},
): Promise<Collected> {
  const verifiers = new Map<string, Verifier[]>();
  for (const [host, own] of keys) verifiers.set(host, own.map(createPlatformVerifier));
  const entries: Entry[] = [];
  let refused = 0;
  for await (const source of bundles) {
    const { host_id, bytes, signature, receipt } = source;
    const opened = openBundle({ bytes, signature, verifiers: verifiers.get(host_id) ?? [] });
    if (opened.ok && opened.bundle.host_id === host_id) {
      const sha256 = sha256Hex(bytes);
      const { bundle } = opened;
      const payload = receipt && receiptFor(receipt.bytes, { bundle, sha256 });
      entries.push(entryOf(bundle, { sha256, received_at: payload?.received_at ?? null }));
    } else refused += 1;
    await also(source);
  }
  return { entries, refused };
}

export type WrittenPacket = {
  readonly facts: ReportFacts;
  readonly page: Buffer;
  readonly bundles: number;
  /** Bundles that do not verify: they are in the packet, whose verification names them, and nothing rests on them. */
  readonly refused: number;
};

/**
 * Writes a packet: evidence as it is stored, keys, report, exports, sums, and with `signer` a statement about the sums.
 * The same source and parameters give the same bytes.
 */
export async function writePacket({
  file,
  source,
  parameters,
  controls,
  signer,
}: {
  file: string;
  source: PacketSource;
  parameters: Parameters;
  controls: readonly Control[];
  signer: Signer | null;
}): Promise<WrittenPacket> {
  const zip = createZip(file);
  const digests = new Map<string, string>();
  const add = (name: string, bytes: Uint8Array) => {
    digests.set(name, sha256Hex(bytes));
    zip.add(name, [bytes]);
  };
  const { entries, refused } = await collectEntries(source, async (bundle) => {
    const folder = `evidence/${bundle.host_id}/${bundle.place}`;
    add(`${folder}/bundle.json`, bundle.bytes);
    add(`${folder}/bundle.sig`, Buffer.from(bundle.signature, 'latin1'));
    if (bundle.receipt === null) return;
    add(`${folder}/receipt.json`, bundle.receipt.bytes);
    add(`${folder}/receipt.sig`, Buffer.from(bundle.receipt.signature, 'latin1'));
  });
  for (const [host, keys] of source.keys)
    for (const key of keys)
      add(`keys/${host}/${sha256Hex(key)}.pem`, Buffer.from(publicKeyToPem(key)));
  const { facts, files } = derivedFiles({ entries, parameters, controls });
  for (const { name, bytes } of files) add(name, bytes);
  const sums = Buffer.from(sumsText(digests));
  zip.add(SUMS, [sums]);
  if (signer !== null) {
    const statement = statementBytes(facts, [{ name: SUMS, sha256: sha256Hex(sums) }]);
    zip.add(STATEMENT, [sealStatement(statement, signer)]);
  }
  zip.end();
  const page = files.find(({ name }) => name === 'report.html')?.bytes ?? Buffer.alloc(0);
  return { facts, page, bundles: entries.length, refused };
}
