import { createPublicKey, verify as platformVerify } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { createPlatformSigner } from '../../src/core/ed25519.ts';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { bundleBytes, signatureText } from '../../src/core/record.ts';
import { listDays } from '../../src/effects/store/folders.ts';
import { verifyFolder, verifyFolderInThreads } from '../../src/effects/verify/verify.ts';
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

/** The same on two threads, beside two threads that read and verify and do nothing else. */
export const verifyTwo: Measurement = {
  name: 'evidence verify, two threads',
  unit: 'bundles/s',
  floor: 'the same two files and one verification, on two threads',
  goal: '≥ 0.98 × floor',
  meets: ({ ours, floor }) => ours >= 0.98 * floor,
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      writeChain(folder);
      return await interleave(5, {
        ours: () =>
          rateOf(async () => {
            const { ok, bundles } = await verifyFolderInThreads({
              evidence: folder,
              publicKeys: [signer.publicKey],
              threads: 2,
            });
            if (!ok || bundles !== BUNDLES) throw new Error('it does not verify');
          }),
        floor: () => rateOf(() => Promise.all([bareThread(folder, 0), bareThread(folder, 1)])),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** One of two bare threads: it takes every other day. */
function bareThread(evidence: string, half: number): Promise<unknown> {
  return once(
    new Worker(new URL(import.meta.url), { workerData: { bare: evidence, half } }),
    'exit',
  );
}

if (!isMainThread && typeof workerData?.bare === 'string')
  readAndVerify(workerData.bare, (day) => day % 2 === workerData.half);

async function rateOf(work: () => Promise<unknown>): Promise<number> {
  const begun = process.hrtime.bigint();
  await work();
  return (BUNDLES * 1e9) / Number(process.hrtime.bigint() - begun);
}

function rate(work: () => void): number {
  const begun = process.hrtime.bigint();
  work();
  return (BUNDLES * 1e9) / Number(process.hrtime.bigint() - begun);
}

function readAndVerify(evidence: string, wanted: (day: number) => boolean = () => true): void {
  const days = [...listDays(evidence)].filter((_, day) => wanted(day));
  for (const day of days)
    for (const name of readdirSync(join(evidence, day))) {
      const bytes = readFileSync(join(evidence, day, name, 'bundle.json'));
      const text = readFileSync(join(evidence, day, name, 'bundle.sig'), 'latin1');
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
