import { createPlatformVerifier, type Signer, type Verifier } from '../../core/ed25519.ts';
import { publicKeyToPem } from '../../core/keys.ts';
import { openBundle } from '../../core/record.ts';
import {
  derivedFiles,
  joined,
  PAGE,
  STATEMENT,
  SUMS,
  sumsLine,
} from '../../core/report/derived.ts';
import { entryOf } from '../../core/report/entry.ts';
import { sealStatement, statementBytes } from '../../core/report/exports/statement.ts';
import type { ReportFacts } from '../../core/report/facts.ts';
import type { Control, Parameters } from '../../core/report/parameters.ts';
import { receiptFor } from '../../core/report/received.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import {
  type DigestScratch,
  type EntryScratch,
  openDigestScratch,
  openEntryScratch,
} from './scratch.ts';
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

/**
 * Reads a source to its end into `entries`; each bundle is verified before it is believed. `also` is handed every one.
 * Gives the number of those that are not what any key of their host signed.
 */
export async function collectEntries(
  { bundles, keys }: PacketSource,
  { entries, also = () => {} }: { entries: EntryScratch; also?: (bundle: SourceBundle) => void },
): Promise<{ readonly refused: number }> {
  const verifiers = new Map<string, Verifier[]>();
  for (const [host, own] of keys) verifiers.set(host, own.map(createPlatformVerifier));
  let refused = 0;
  for await (const source of bundles) {
    const { host_id, bytes, signature, receipt } = source;
    const opened = openBundle({ bytes, signature, verifiers: verifiers.get(host_id) ?? [] });
    if (opened.ok && opened.bundle.host_id === host_id) {
      const sha256 = sha256Hex(bytes);
      const { bundle } = opened;
      const payload = receipt && receiptFor(receipt.bytes, { bundle, sha256 });
      entries.add(entryOf(bundle, { sha256, received_at: payload?.received_at ?? null }));
    } else refused += 1;
    also(source);
  }
  return { refused };
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
  const entries = openEntryScratch();
  const digests = openDigestScratch();
  try {
    const add = (name: string, parts: Iterable<Uint8Array>) =>
      digests.add(name, zip.add(name, parts).sha256);
    const { refused } = await collectEntries(source, {
      entries,
      also(bundle) {
        const folder = `evidence/${bundle.host_id}/${bundle.place}`;
        add(`${folder}/bundle.json`, [bundle.bytes]);
        add(`${folder}/bundle.sig`, [Buffer.from(bundle.signature, 'latin1')]);
        if (bundle.receipt === null) return;
        add(`${folder}/receipt.json`, [bundle.receipt.bytes]);
        add(`${folder}/receipt.sig`, [Buffer.from(bundle.receipt.signature, 'latin1')]);
      },
    });
    for (const [host, keys] of source.keys)
      for (const key of keys)
        add(`keys/${host}/${sha256Hex(key)}.pem`, [Buffer.from(publicKeyToPem(key))]);
    const { facts, files } = derivedFiles({ entries, parameters, controls });
    for (const { name, parts } of files) add(name, parts);
    const sums = zip.add(SUMS, sumsOf(digests));
    if (signer !== null) {
      const statement = statementBytes(facts, [{ name: SUMS, sha256: sums.sha256 }]);
      zip.add(STATEMENT, [sealStatement(statement, signer)]);
    }
    zip.end();
    const page = Buffer.concat([...(files.find(({ name }) => name === PAGE)?.parts ?? [])]);
    return { facts, page, bundles: entries.count(), refused };
  } finally {
    for (const open of [zip, entries, digests]) open.close();
  }
}

/** `SHA256SUMS` of some files, in parts. */
export function* sumsOf(digests: DigestScratch): Generator<Buffer> {
  yield* joined(sumsLines(digests));
}

function* sumsLines(digests: DigestScratch): Generator<string> {
  for (const { name, digest } of digests.inOrder()) yield sumsLine(name, digest);
}
