import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FileHashes } from '../../src/effects/probes/file-hashes.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

/** A gibibyte without blocks on the disk, so that no disk is measured. */
export const hashing: Measurement = {
  name: 'hash of 1 GiB',
  unit: 'ms CPU',
  better: 'lower',
  floor: 'openssl dgst -sha256 of the same file',
  goal: '≤ 1.15 × floor',
  meets: ({ ours, floor }) => ours <= 1.15 * floor,
  remains: 'the same SHA-256; a probe hashes a program once in a run, and again in the next',
  unfair:
    'ours is taken in a process that runs already, openssl with its start of a few ms; the file has no blocks, so no disk is read by either',
  async measure() {
    const folder = mkdtempSync(join(WORK, 'bench-'));
    const file = join(folder, 'large');
    const descriptor = openSync(file, 'w');
    ftruncateSync(descriptor, 2 ** 30);
    closeSync(descriptor);
    try {
      return await interleave(5, {
        ours: async () => {
          const begun = process.cpuUsage();
          await new FileHashes(new AbortController().signal).of(file);
          const { user, system } = process.cpuUsage(begun);
          return (user + system) / 1000;
        },
        floor: () => cpuOf('openssl', ['dgst', '-sha256', file]),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
