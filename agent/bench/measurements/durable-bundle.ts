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
import { createPlatformSigner, createSigner } from '../../src/core/ed25519.ts';
import { openStore } from '../../src/effects/store/store.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { sampleContext, sampleDraft } from '../sample.ts';
import { median } from '../statistics.ts';

/**
 * A bundle built, written, indexed and durable. Signed here by the platform, to show what the disk costs; the agent signs
 * with tweetnacl, whose own time stands in the note.
 */
export const durableBundle: Measurement = {
  name: 'durable bundle, beyond its signature',
  unit: 'ms',
  floor: 'two fsync’d files, rename, fsync',
  goal: '≤ 1.6 × floor',
  meets: ({ ours, floor }) => ours <= 1.6 * floor,
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
      const agents = createSigner(Buffer.alloc(32, 7));
      const sign = timed(() => void agents.sign(bytes));
      const signing = [];
      for (let round = 0; round < 50; round += 1) signing.push(await sign());
      return {
        ...samples,
        note: `signing with tweetnacl takes ${median(signing).toFixed(1)} ms more`,
      };
    } finally {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

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
