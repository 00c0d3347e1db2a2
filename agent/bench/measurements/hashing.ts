import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDigestCache } from '../../src/effects/probes/digest-cache.ts';
import { FileHashes } from '../../src/effects/probes/file-hashes.ts';
import { interleave, type Measurement } from '../measurement.ts';
import { WORK } from '../programs.ts';
import { cpuOf } from '../spawned.ts';

const shared = {
  unit: 'ms CPU',
  better: 'lower',
  floor: 'openssl dgst -sha256 of the same file',
  unfair:
    'ours is taken in a process that runs already, openssl with its start of a few ms; the file has no blocks, so no disk is read by either',
} as const;

export const hashing: Measurement = {
  ...shared,
  name: 'hash of 1 GiB',
  goal: '≤ 1.15 × floor',
  meets: ({ ours, floor }) => ours <= 1.15 * floor,
  issue: 8,
  remains: 'nothing: both are OpenSSL’s SHA-256',
  measure: () => measureHash({ kept: false }),
};

/** What a probe’s next runs pay for a file that it has hashed, until its schedule asks for it again. */
export const hashKept: Measurement = {
  ...shared,
  name: 'hash of 1 GiB, unchanged since the last run',
  goal: '≤ 5 ms',
  meets: ({ ours }) => ours <= 5,
  issue: 8, // which says 0: a look at the file is left
  remains: 'opening the file and the digests kept',
  measure: () => measureHash({ kept: true }),
};

/** A gibibyte without blocks on the disk, so that no disk is measured. */
async function measureHash({ kept }: { kept: boolean }) {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const file = join(folder, 'large');
  const descriptor = openSync(file, 'w');
  ftruncateSync(descriptor, 2 ** 30);
  closeSync(descriptor);
  const hashOnce = async () => {
    const cache = openDigestCache({ folder: kept ? folder : undefined, rehashHours: 24 });
    await new FileHashes({ signal: new AbortController().signal, cache }).of(file);
    cache.save();
  };
  try {
    if (kept) {
      await pause(2500); // a file at rest, as programs are
      await hashOnce();
    }
    return await interleave(5, {
      ours: async () => {
        const begun = process.cpuUsage();
        await hashOnce();
        const { user, system } = process.cpuUsage(begun);
        return (user + system) / 1000;
      },
      floor: () => cpuOf('openssl', ['dgst', '-sha256', file]),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
