import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reindex } from '../../../agent/src/effects/store/reindex.ts';
import { verifyFolder } from '../../../agent/src/effects/verify/verify.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';

const publicKeys = [signerOf(7).publicKey];
const CLEAN = { adopted: [], setApart: [], missing: [] };

/** A state folder as a crash leaves it: two bundles that `append` gave back, and nothing settled or closed. */
function crash(body: (state: { stateDir: string; folders: string[] }) => void): void {
  const parent = mkdtempSync(join(tmpdir(), 'unsynced-'));
  try {
    const live = join(parent, 'live');
    const stateDir = join(parent, 'after');
    const store = storeIn(live);
    const folders = [1, 2].map(() => store.append(draftOf(), CONTEXT).folder);
    cpSync(live, stateDir, { recursive: true });
    store.close();
    body({ stateDir, folders: folders.map((folder) => folder.replace(live, stateDir)) });
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

const empty = (file: string) => writeFileSync(file, '');
const LEFT: Record<string, (folder: string) => void> = {
  'all of its files': () => {},
  'files without contents': (folder) => {
    empty(join(folder, 'bundle.json'));
    empty(join(folder, 'bundle.sig'));
  },
  'half a bundle and no signature': (folder) => {
    const file = join(folder, 'bundle.json');
    writeFileSync(file, readFileSync(file).subarray(0, 700));
    rmSync(join(folder, 'bundle.sig'));
  },
  'an empty folder': (folder) => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  },
  'no folder': (folder) => rmSync(folder, { recursive: true }),
  'no day': (folder) => rmSync(dirname(folder), { recursive: true, force: true }),
};
for (const [left, damage] of Object.entries(LEFT)) {
  test(`a power cut that leaves ${left} loses no bundle that was acknowledged`, () =>
    crash(({ stateDir, folders }) => {
      for (const folder of folders) damage(folder);
      const store = storeIn(stateDir);
      assert.equal(store.reconciliation, CLEAN);
      assert.is(store.append(draftOf(), CONTEXT).sequence, 3);
      store.close();
      const verified = verifyFolder({ evidence: join(stateDir, 'evidence'), publicKeys });
      assert.equal([verified.ok, verified.bundles], [true, 3]);
    }));

  test(`an index made anew after a power cut that leaves ${left} has them too`, () =>
    crash(({ stateDir, folders }) => {
      for (const folder of folders) damage(folder);
      const { bundles, faults } = reindex({ stateDir, publicKeys });
      assert.equal([bundles, faults], [2, []]);
    }));
}

test('what is settled is the folder’s to keep: a bundle that goes from there is missed', () =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    const { folder, bundle_id } = store.append(draftOf(), CONTEXT);
    assert.is(await store.settle(), null);
    store.close();
    rmSync(folder, { recursive: true });
    const again = storeIn(stateDir);
    assert.equal(again.reconciliation.missing, [bundle_id]);
    again.close();
  }));

test('a bundle that is recorded while others are settled waits for its own turn', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'unsynced-'));
  try {
    const [live, stateDir] = [join(parent, 'live'), join(parent, 'after')];
    const store = storeIn(live);
    store.append(draftOf(), CONTEXT);
    const settled = store.settle();
    const { folder } = store.append(draftOf(), CONTEXT);
    assert.is(await settled, null);
    cpSync(live, stateDir, { recursive: true });
    store.close();
    rmSync(folder.replace(live, stateDir), { recursive: true }); // as a power cut may
    const again = storeIn(stateDir);
    assert.equal(again.reconciliation, CLEAN);
    again.close();
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});

test('files that the disk could not take are written anew, not asked for again', () =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    const { folder } = store.append(draftOf(), CONTEXT);
    const file = join(folder, 'bundle.json');
    const bytes = readFileSync(file);
    rmSync(file);
    assert.is((await store.settle())?.code, 'absent');
    empty(file); // as after a failed fsync(2): there, and fsync(2) now says that all is well
    assert.is(await store.settle(), null);
    assert.equal(readFileSync(file), bytes);
    store.close();
  }));

test('an index of an older version has nothing of the kind, and is made anew all the same', () =>
  crash(({ stateDir }) => {
    const file = join(stateDir, 'evidence.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    writeFileSync(file, 'no database');
    assert.is(reindex({ stateDir, publicKeys }).bundles, 2);
  }));

test('files of a bundle that was never committed, which a power cut has emptied, are no evidence', () =>
  crash(({ stateDir, folders: [first = ''] }) => {
    const stray = join(dirname(first), '5f0c2c1e-7c5a-4a0e-9d56-0f8d5ab9a7a1');
    cpSync(first, stray, { recursive: true });
    empty(join(stray, 'bundle.json'));
    const store = storeIn(stateDir);
    assert.equal(store.reconciliation, CLEAN);
    assert.is(readdirSync(dirname(first)).length, 2);
    store.close();
  }));

test('a pruned bundle does not come back with what waited for the disk', async () => {
  await withStateDir(async (stateDir) => {
    const store = storeIn(stateDir, { queueing: false });
    store.append(draftOf({ at: '2010-01-01T00:00:00.000Z' }), CONTEXT);
    store.append(draftOf(), CONTEXT);
    const now = new Date('2026-11-22T12:00:00.000Z');
    const { pruned } = await store.prune({ now, days: 10, newest: 1, context: CONTEXT });
    assert.is(pruned, 1);
    assert.is(await store.settle(), null);
    store.close();
    const again = storeIn(stateDir, { queueing: false });
    assert.equal(again.reconciliation, CLEAN);
    again.close();
  });
});

test.run();
