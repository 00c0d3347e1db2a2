import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlatformSigner } from '../src/core/ed25519.ts';
import { publicKeyToPem } from '../src/core/keys.ts';
import { bundleBytes, signatureText } from '../src/core/record.ts';
import { dayOf } from '../src/effects/store/folders.ts';
import { sha256Hex } from '../src/wire/canonical.ts';
import { NO_DIGEST } from '../src/wire/primitives.ts';
import { sampleContext, sampleDraft } from './sample.ts';

export const BENCH_SIGNER = createPlatformSigner(Buffer.alloc(32, 7));
export const BENCH_CHAIN = '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10';

/** A UUID that follows from a number, so that each run measures the same bundles. */
export function numberedUuid(number: number): string {
  const hex = sha256Hex(String(number));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * A chain of so many signed bundles below an evidence folder, a thousand a day, as an agent would leave it; and the
 * public key that they verify with, as PEM in `KEY`, beside it.
 */
export function writeEvidence(folder: string, bundles: number): { evidence: string; key: string } {
  const evidence = join(folder, 'evidence');
  const key = join(folder, 'host.pem');
  let previous = NO_DIGEST;
  for (let sequence = 1; sequence <= bundles; sequence += 1) {
    const day = Math.floor((sequence - 1) / BUNDLES_A_DAY);
    const at = new Date(Date.UTC(2020, 0, 1 + day, 0, 0, 0, (sequence - 1) % BUNDLES_A_DAY));
    const bundleId = numberedUuid(sequence);
    const bytes = bundleBytes({
      bundleId,
      draft: sampleDraft(at),
      context: sampleContext(),
      link: {
        chain_id: BENCH_CHAIN,
        sequence,
        previous_digest: previous,
        key_id: BENCH_SIGNER.keyId,
      },
    });
    previous = sha256Hex(bytes);
    const place = join(evidence, dayOf(at.getTime()), bundleId);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'bundle.json'), bytes);
    writeFileSync(join(place, 'bundle.sig'), signatureText(BENCH_SIGNER.sign(bytes)));
  }
  writeFileSync(key, publicKeyToPem(BENCH_SIGNER.publicKey));
  return { evidence, key };
}
const BUNDLES_A_DAY = 1000;
