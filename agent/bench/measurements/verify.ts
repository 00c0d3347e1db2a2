import { createPublicKey, verify as platformVerify } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { createChainVerifier } from '../../src/core/chain.ts';
import { publicKeyToPem } from '../../src/core/keys.ts';
import { listDays } from '../../src/effects/store/folders.ts';
import { verifyFolder, verifyFolderInThreads } from '../../src/effects/verify/verify.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import type { Bundle } from '../../src/wire/evidence.ts';
import { runAgent } from '../command.ts';
import { BENCH_SIGNER as signer } from '../evidence-folder.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { type Evidence, sharedEvidence } from '../shared-evidence.ts';

const BUNDLES = Number(process.env.BENCH_BUNDLES ?? 10_000);
const MANY = Number(process.env.BENCH_MANY_BUNDLES ?? 50_000);

const publicKey = createPublicKey(publicKeyToPem(signer.publicKey));

/** Every signature, link and number of a folder, beside what reading and verifying alone costs, on one thread. */
export const verify: Measurement = {
  name: 'evidence verify, one thread',
  unit: 'bundles/s',
  better: 'higher',
  floor: 'two files read, one Ed25519 verification of the platform’s',
  goal: '≥ 0.93 × floor',
  meets: ({ ours, floor }) => ours >= 0.93 * floor,
  issue: 8,
  remains: 'the link, the number and the digest of each bundle, which the floor leaves out',
  unfair:
    'bundles are alike and in the page cache; the floor reads the same files in the same order',
  async measure() {
    const { evidence } = sharedEvidence(BUNDLES);
    const samples = await interleave(5, {
      ours: async () =>
        rate(() => {
          const { ok, bundles } = verifyFolder({ evidence, publicKeys: [signer.publicKey] });
          if (!ok || bundles !== BUNDLES) throw new Error('it does not verify');
        }),
      floor: async () => rate(() => readAndVerify(evidence)),
    });
    return { ...samples, note: `${BUNDLES} bundles` };
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
  issue: 8,
  remains: 'the link, the number and the digest of each bundle, which the floor leaves out',
  unfair:
    'as on one thread; the floor’s threads take every other day, ours share the work as it comes; each of the floor’s two loads the measurements first, ours are the thread that asks and one that loads a fraction of that',
  async measure() {
    const { evidence } = sharedEvidence(BUNDLES);
    return interleave(5, {
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
  remains:
    'a day’s bundles put in order at a time, and garbage of that which V8 has not collected yet',
  unfair:
    'the floor is ours too: it shows growth and not size; all bundles are alike and of one host; BENCH_MANY_BUNDLES=100000 takes more of them, and more time',
  async measure() {
    const [many, few] = [sharedEvidence(MANY), sharedEvidence(MANY / 10)];
    const rates: number[] = [];
    const peak = async ({ evidence, key }: Evidence) => {
      const args = ['evidence', 'verify', evidence, '--public-key', key];
      const { ms, peakMiB } = await runAgent(...args);
      if (evidence === many.evidence) rates.push(Math.round((MANY * 1000) / ms));
      return peakMiB;
    };
    const samples = await interleave(3, { ours: () => peak(many), floor: () => peak(few) });
    return { ...samples, note: `${rates.join(', ')} bundles/s by the whole command` };
  },
};

/** What is left of a verification once the signatures hold: each bundle’s digest, its link and its number. */
export const chainWalk: Measurement = {
  name: 'chain walk',
  unit: 'bundles/s',
  better: 'higher',
  floor: 'SHA-256 of the same bytes',
  goal: '≥ 60,000/s',
  meets: ({ ours }) => ours >= 60_000,
  issue: 8,
  remains: 'JSON.parse, and a comparison with the bundle before',
  unfair:
    'bytes in memory: reading them is in the rows above; parsed without the schema that a bundle passes before it is believed',
  async measure() {
    const { evidence } = sharedEvidence(BUNDLES);
    const days = [...listDays(evidence)];
    const all = days.flatMap((day) =>
      readdirSync(join(evidence, day)).map((name) =>
        readFileSync(join(evidence, day, name, 'bundle.json')),
      ),
    );
    const place = (bytes: Buffer) =>
      (JSON.parse(bytes.toString()) as { sequence: number }).sequence;
    all.sort((a, b) => place(a) - place(b));
    return interleave(11, {
      ours: async () =>
        rate(() => {
          const walk = createChainVerifier();
          for (const bytes of all) {
            const bundle = JSON.parse(bytes.toString()) as Bundle;
            const digest = sha256Hex(bytes);
            walk.add({ ...bundle, digest, name: bundle.bundle_id, event: null });
          }
          const { faults, chains } = walk.end();
          if (faults.length > 0 || chains[0]?.bundles !== BUNDLES) throw new Error('it has faults');
        }),
      floor: async () =>
        rate(() => {
          for (const bytes of all) sha256Hex(bytes);
        }),
    });
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
