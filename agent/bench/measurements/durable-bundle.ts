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
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';
import { median } from '../statistics.ts';

/** A bundle built, signed, written, indexed and durable, with the signer that the agent uses. */
export const durableBundle: Measurement = {
  name: 'durable bundle',
  unit: 'ms',
  better: 'lower',
  floor: 'two fsync’d files, rename, fsync',
  goal: '≤ 1.2 × floor (1.5 ms where it is 1.25)',
  meets: ({ ours, floor }) => ours <= 1.2 * floor,
  remains:
    'signing, and eleven pages of SQLite’s index; the one fsync is of its log, which holds the bundle too',
  unfair:
    'one bundle after the other, as one host writes them; the floor waits for the disk three times and ours once, and what ours writes after it at the end of a cycle is not in the figure; a disk whose cache answers fsync makes all but fsync count more',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    const signer = createPlatformSigner(Buffer.alloc(32, 7));
    const store = openStore({ stateDir: join(folder, 'state'), key: () => signer, queueing: true });
    const append = timed(() => void store.append(sampleDraft(), sampleContext()));
    for (let warm = 0; warm < 20; warm += 1) await append();
    try {
      let count = 0;
      const bytes = Buffer.alloc(2500, 'x');
      const floor = timed(() => writeTwoFiles(folder, `${count++}`, bytes));
      const samples = await interleave(301, { ours: append, floor });
      store.settle();
      const settled = await settling(store);
      return {
        ...samples,
        note: `Its files are flushed when nobody waits, at the end of a cycle: ${settled.toFixed(2)} ms a bundle.`,
      };
    } finally {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** What an append leaves to the end of the cycle, in milliseconds: a cycle of six bundles, and a sixth of it. */
async function settling(store: Store): Promise<number> {
  const settle = timed(() => void store.settle());
  const samples: number[] = [];
  for (let cycle = 0; cycle < 21; cycle += 1) {
    for (let bundle = 0; bundle < 6; bundle += 1) store.append(sampleDraft(), sampleContext());
    samples.push((await settle()) / 6);
  }
  return median(samples);
}

const timed = (work: () => void) => async () => {
  const begun = process.hrtime.bigint();
  work();
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
