import { createPublicKey, verify as platformVerify } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { listDays } from '../../src/effects/store/folders.ts';
import { verifyFolder, verifyFolderInThreads } from '../../src/effects/verify/verify.ts';
import { runAgent } from '../command.ts';
import { BENCH_SIGNER as signer, writeEvidence } from '../evidence-folder.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';

const BUNDLES = Number(process.env.BENCH_BUNDLES ?? 20_000);
const MANY = Number(process.env.BENCH_MANY_BUNDLES ?? 100_000);

const publicKey = createPublicKey(publicKeyToPem(signer.publicKey));

/** Every signature, link and number of a folder, beside what reading and verifying alone costs, on one thread. */
export const verify: Measurement = {
  name: 'evidence verify, one thread',
  unit: 'bundles/s',
  better: 'higher',
  floor: 'two files read, one Ed25519 verification of the platform’s',
  goal: '≥ 0.93 × floor',
  meets: ({ ours, floor }) => ours >= 0.93 * floor,
  remains: 'the link, the number and the digest of each bundle, which the floor leaves out',
  unfair:
    'bundles are alike and in the page cache; the floor reads the same files in the same order',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      const { evidence } = writeEvidence(folder, BUNDLES);
      const samples = await interleave(5, {
        ours: async () =>
          rate(() => {
            const { ok, bundles } = verifyFolder({ evidence, publicKeys: [signer.publicKey] });
            if (!ok || bundles !== BUNDLES) throw new Error('it does not verify');
          }),
        floor: async () => rate(() => readAndVerify(evidence)),
      });
      return { ...samples, note: `${BUNDLES} bundles` };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The same on two threads, beside two threads that read and verify and do nothing else. */
export const verifyTwo: Measurement = {
  name: 'evidence verify, two threads',
  unit: 'bundles/s',
  better: 'higher',
  floor: 'the same two files and one verification, on two threads',
  goal: '≥ 0.98 × floor',
  meets: ({ ours, floor }) => ours >= 0.98 * floor,
  remains: 'the link, the number and the digest of each bundle, which the floor leaves out',
  unfair:
    'as on one thread; the floor’s threads take every other day, ours share the work as it comes',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      const { evidence } = writeEvidence(folder, BUNDLES);
      return await interleave(5, {
        ours: () =>
          rateOf(async () => {
            const { ok, bundles } = await verifyFolderInThreads({
              evidence,
              publicKeys: [signer.publicKey],
              threads: 2,
            });
            if (!ok || bundles !== BUNDLES) throw new Error('it does not verify');
          }),
        floor: () => rateOf(() => Promise.all([bareThread(evidence, 0), bareThread(evidence, 1)])),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** What the real command needs at its peak for ten times as many bundles: flat is no more than noise. */
export const verifyMemory: Measurement = {
  name: `evidence verify, memory at ${MANY} bundles`,
  unit: 'MiB at the peak',
  better: 'lower',
  floor: 'the same command, a tenth of the bundles',
  goal: '≤ 1.15 × floor',
  meets: ({ ours, floor }) => ours <= 1.15 * floor,
  remains: 'nothing: the two are the same within noise',
  unfair:
    'the floor is ours too: it shows growth and not size; all bundles are alike and of one host',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    try {
      const many = writeEvidence(join(folder, 'many'), MANY);
      const few = writeEvidence(join(folder, 'few'), MANY / 10);
      const rates: number[] = [];
      const peak = async ({ evidence, key }: typeof many) => {
        const args = ['evidence', 'verify', evidence, '--public-key', key];
        const { ms, peakMiB } = await runAgent(...args);
        if (evidence === many.evidence) rates.push(Math.round((MANY * 1000) / ms));
        return peakMiB;
      };
      const samples = await interleave(3, { ours: () => peak(many), floor: () => peak(few) });
      return { ...samples, note: `${rates.join(', ')} bundles/s by the whole command` };
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
