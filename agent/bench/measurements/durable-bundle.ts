import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createPlatformSigner } from '../../src/core/ed25519.ts';
import { openStore, type Store } from '../../src/effects/store/store.ts';
import { interleave, type Measurement, type Samples } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const shared = {
  unit: 'ms',
  better: 'lower',
  floor: 'two fsync’d files, rename, fsync',
  goal: '≤ 1.2 × floor (1.5 ms where it is 1.25)',
  meets: ({ ours, floor }: { ours: number; floor: number }) => ours <= 1.2 * floor,
  issue: 8,
} as const;
const SLOW_DISKS =
  'one bundle after the other, as one host writes them; a disk whose cache answers fsync makes all but fsync count more';

/** A bundle built, signed, written, indexed and durable, with the signer that the agent uses. */
export const durableBundle: Measurement = {
  ...shared,
  name: 'durable bundle',
  remains:
    'signing, and eleven pages of SQLite’s index; the one fsync is of its log, which holds the bundle too',
  unfair: `${SLOW_DISKS}; the floor waits for the disk three times and ours once: what ours flushes at the end of a cycle is in the row below`,
  measure: () => beside({ rounds: 301, bundles: 1, work: () => {} }),
};

/** The same with the flush of its files, for which nobody waits. */
export const settledBundle: Measurement = {
  ...shared,
  name: 'durable bundle and its files, a cycle of six',
  remains: 'signing, SQLite’s index, and the flush of two files a bundle',
  unfair: SLOW_DISKS,
  measure: () => beside({ rounds: 51, bundles: 6, work: (store) => store.settle() }),
};

/** So many bundles appended and some work after them, a bundle; beside the floor. */
async function beside({
  rounds,
  bundles,
  work,
}: {
  rounds: number;
  bundles: number;
  work: (store: Store) => unknown;
}): Promise<Samples> {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const signer = createPlatformSigner(Buffer.alloc(32, 7));
  const store = openStore({ stateDir: join(folder, 'state'), key: () => signer, queueing: true });
  try {
    const append = timed(async () => {
      for (let bundle = 0; bundle < bundles; bundle += 1)
        store.append(sampleDraft(), sampleContext());
      await work(store);
    });
    for (let warm = 0; warm < 20; warm += 1) await append();
    let count = 0;
    const bytes = Buffer.alloc(2500, 'x');
    const floor = timed(() => writeTwoFiles(folder, `${count++}`, bytes));
    return await interleave(rounds, { ours: async () => (await append()) / bundles, floor });
  } finally {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const timed = (work: () => unknown) => async () => {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
};

function writeTwoFiles(folder: string, name: string, bytes: Buffer): void {
  const draft = join(folder, `${name}.new`);
  mkdirSync(draft);
  for (const file of ['bundle.json', 'bundle.sig']) {
    const descriptor = openSync(join(draft, file), 'w');
    writeSync(descriptor, bytes);
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
  renameSync(draft, join(folder, name));
  const parent = openSync(folder, 'r');
  fsyncSync(parent);
  closeSync(parent);
}
