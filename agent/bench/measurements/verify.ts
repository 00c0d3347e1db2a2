import { createPublicKey, verify as platformVerify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlatformSigner } from '../../src/core/ed25519.ts';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { bundleBytes, signatureText } from '../../src/core/record.ts';
import { verifyFolder } from '../../src/effects/verify/verify.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import { NO_DIGEST } from '../../src/wire/primitives.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const BUNDLES = Number(process.env.BENCH_BUNDLES ?? 20_000);
const DAYS = 20;

const signer = createPlatformSigner(Buffer.alloc(32, 7));
const publicKey = createPublicKey(publicKeyToPem(signer.publicKey));

/** Every signature, link and number of a folder, beside what reading and verifying alone costs, on one thread. */
export const verify: Measurement = {
  name: 'evidence verify, one thread',
  unit: 'bundles/s',
  floor: 'two files read, one Ed25519 verification of the platform’s',
  goal: '≥ 0.93 × floor',
  meets: ({ ours, floor }) => ours >= 0.93 * floor,
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      writeChain(folder);
      const before = process.memoryUsage().rss;
      const samples = await interleave(5, {
        ours: async () =>
          rate(() => {
            const { ok, bundles } = verifyFolder({
              evidence: folder,
              publicKeys: [signer.publicKey],
            });
            if (!ok || bundles !== BUNDLES) throw new Error('it does not verify');
          }),
        floor: async () => rate(() => readAndVerify(folder)),
      });
      const grown = (process.memoryUsage().rss - before) / 2 ** 20;
      return {
        ...samples,
        note: `${BUNDLES} bundles; resident memory grew by ${grown.toFixed(0)} MiB`,
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function rate(work: () => void): number {
  const begun = process.hrtime.bigint();
  work();
  return (BUNDLES * 1e9) / Number(process.hrtime.bigint() - begun);
}

function readAndVerify(evidence: string): void {
  for (const file of readdirSync(evidence, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('bundle.json')) continue;
    const path = join(evidence, file);
    const bytes = readFileSync(path);
    const text = readFileSync(path.replace(/json$/, 'sig'), 'latin1');
    if (!platformVerify(null, bytes, publicKey, Buffer.from(text, 'base64')))
      throw new Error('it does not verify');
  }
}

/** A chain of bundles over some days, as an agent would leave it. */
function writeChain(evidence: string): void {
  let previous = NO_DIGEST;
  for (let sequence = 1; sequence <= BUNDLES; sequence += 1) {
    const day = Math.floor(((sequence - 1) * DAYS) / BUNDLES);
    const at = new Date(Date.UTC(2026, 0, 1 + day, 0, 0, 0, sequence));
    const id = sha256Hex(String(sequence)).slice(0, 32);
    const bundleId = `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}`;
    const bytes = bundleBytes({
      bundleId,
      draft: sampleDraft(at),
      context: sampleContext(),
      link: {
        chain_id: '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10',
        sequence,
        previous_digest: previous,
        key_id: signer.keyId,
      },
    });
    previous = sha256Hex(bytes);
    const folder = join(evidence, at.toISOString().slice(0, 10).replaceAll('-', '/'), bundleId);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'bundle.json'), bytes);
    writeFileSync(join(folder, 'bundle.sig'), signatureText(signer.sign(bytes)));
  }
}
