// A program of disk.test.ts, run in a mount namespace of its own: node disk.js FOLDER SCENARIO. Prints one JSON line.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { verifyFolder } from '../../../agent/src/effects/verify/verify.ts';
import { toFailure } from '../../../agent/src/wire/failure.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { storeIn } from '../../support/stores.ts';

const [folder = '', scenario] = process.argv.slice(2);
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return toFailure(error, 'test').code;
  }
};

if (scenario === 'full') {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', folder]);
  const store = storeIn(folder);
  const recorded = [store.append(draftOf(), CONTEXT)];
  const ballast = join(folder, 'ballast');
  const codes: string[] = [];
  // fills the disk to a different last page each time, so that every step meets the full disk once
  for (let spare = 0; spare < 24; spare += 1) {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail - spare) * bsize, 1));
    codes.push(codeOf(() => recorded.push(store.append(draftOf(), CONTEXT))));
    rmSync(ballast);
  }
  const after = codeOf(() => recorded.push(store.append(draftOf(), CONTEXT)));
  const leftovers = readdirSync(join(folder, 'incoming'));
  const rows = store.statistics().bundles;
  store.close();
  const again = storeIn(folder);
  const { reconciliation } = again;
  again.close();
  const publicKeys = [signerOf(7).publicKey];
  const { ok, bundles } = verifyFolder({ evidence: join(folder, 'evidence'), publicKeys });
  const counted = { rows, bundles, recorded: recorded.length };
  console.log(JSON.stringify({ codes, after, leftovers, reconciliation, ok, counted }));
}

if (scenario === 'read-only') {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', folder]);
  const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, folder]);
  remount('ro');
  const fresh = codeOf(() => storeIn(folder));
  remount('rw');
  storeIn(folder).close();
  remount('ro');
  const again = codeOf(() => storeIn(folder));
  remount('rw');
  const store = storeIn(folder);
  const append = codeOf(() => store.append(draftOf(), CONTEXT));
  store.close();
  console.log(JSON.stringify({ fresh, again, append }));
}

// A disk of its own, copied as it is after each append: what the kernel has not written yet is in no copy.
if (scenario === 'power cut') {
  const [disk, cut, at] = ['disk', 'cut', 'at'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const mount = (image: string) => execFileSync('mount', ['-t', 'ext4', '-o', 'loop', image, at]);
  const publicKeys = [signerOf(7).publicKey];
  mkdirSync(at);
  writeFileSync(disk, '');
  truncateSync(disk, 16 * 1024 * 1024);
  execFileSync('mkfs.ext4', ['-q', disk]);
  mount(disk);
  const store = storeIn(join(at, 'state'));
  const acknowledged: string[] = [];
  const cuts: string[][] = [];
  for (const count of [0, 1, 2, 3, 4, 5]) {
    acknowledged.push(store.append(draftOf(), CONTEXT).sha256);
    if (count % 2 === 1) await store.settle();
    copyFileSync(disk, `${cut}${count}`);
    cuts.push([...acknowledged]);
  }
  store.close();
  execFileSync('umount', [at]);
  const found = cuts.map((told, count) => {
    mount(`${cut}${count}`);
    const again = storeIn(join(at, 'state'));
    const lost = told.filter((sha256) => again.find(sha256) === null).length;
    const { reconciliation } = again;
    again.close();
    const { ok, bundles } = verifyFolder({ evidence: join(at, 'state/evidence'), publicKeys });
    execFileSync('umount', [at]);
    return { told: told.length, lost, ok, bundles, reconciliation };
  });
  console.log(JSON.stringify(found));
}
