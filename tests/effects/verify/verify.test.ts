import {
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleBytes, signatureText } from '../../../agent/src/core/record.ts';
import type { Recorded } from '../../../agent/src/effects/store/append.ts';
import type { Store } from '../../../agent/src/effects/store/store.ts';
import { verifyFolder, verifyFolderInThreads } from '../../../agent/src/effects/verify/verify.ts';
import { NO_DIGEST } from '../../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';

const signer = signerOf(7);
/** A bundle’s id that no other has. */
const NEXT = '5f0c7a2b-52f2-4f3c-8a0e-0d5a3c1e7b11';
const at = new Date('2026-11-22T10:00:00.000Z');

type Made = { evidence: string; stateDir: string; bundles: Recorded[]; store: () => Store };

/** Six bundles in one chain, then what `change` does to them, then what verification says of it. */
async function verdict(
  change: (made: Made) => void | Promise<void>,
  publicKeys = [signer.publicKey],
): Promise<{ ok: boolean; said: string[] }> {
  let said: string[] = [];
  let ok = false;
  await withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    const bundles = Array.from({ length: 6 }, () => store.append(draftOf(), CONTEXT));
    store.close();
    const evidence = join(stateDir, 'evidence');
    await change({ evidence, stateDir, bundles, store: () => storeIn(stateDir) });
    const report = verifyFolder({ evidence, publicKeys });
    const threads = await verifyFolderInThreads({ evidence, publicKeys, threads: 2 });
    const byName = <T extends { name: string | null }>(faults: readonly T[]) =>
      [...faults].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
    assert.equal(
      { ...threads, folderFaults: byName(threads.folderFaults) },
      { ...report, folderFaults: byName(report.folderFaults) },
      'two threads see the same',
    );
    const number = (name: string | null) =>
      bundles.find(({ bundle_id }) => name?.includes(bundle_id))?.sequence ?? name;
    said = [...report.folderFaults, ...report.faults].map(
      ({ kind, name }) => `${kind} ${number(name)}`,
    );
    ok = report.ok;
  });
  return { ok, said: said.sort() };
}

const folder = (made: Made, number: number): string => made.bundles[number - 1]?.folder ?? '';
const file = (made: Made, number: number, name = 'bundle.json') => join(folder(made, number), name);

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

function swap(one: string, other: string): void {
  renameSync(one, `${one}.x`);
  renameSync(other, one);
  renameSync(`${one}.x`, other);
}

/** The same host twice: what a second one, restored from a backup of the first, writes. */
function restoredCopy(made: Made, newest: number): Recorded {
  const copy = join(made.stateDir, 'copy');
  cpSync(made.evidence, join(copy, 'evidence'), { recursive: true });
  for (const { folder, sequence } of made.bundles)
    if (sequence > newest) rmSync(folder.replace(made.stateDir, copy), { recursive: true });
  const store = storeIn(copy);
  const recorded = store.append(draftOf({ outcome: 'alert' }), CONTEXT);
  store.close();
  return recorded;
}

const cases: [title: string, change: (made: Made) => void | Promise<void>, said: string[]][] = [
  ['an untouched folder holds', () => {}, []],
  ['an altered byte is named', (made) => flip(file(made, 3)), ['altered 3', 'gap 4']],
  [
    'an altered signature is named',
    (made) => flip(file(made, 3, 'bundle.sig')),
    ['altered 3', 'gap 4'],
  ],
  [
    'a truncated bundle is named',
    (made) => truncateSync(file(made, 3), 100),
    ['altered 3', 'gap 4'],
  ],
  [
    'a bundle without signature is named',
    (made) => rmSync(file(made, 3, 'bundle.sig')),
    ['gap 4', 'incomplete 3'],
  ],
  [
    'an endless bundle is named',
    (made) => truncateSync(file(made, 3), 2 ** 21),
    ['gap 4', 'too_large 3'],
  ],
  ['a removed bundle is a gap', (made) => rmSync(folder(made, 3), { recursive: true }), ['gap 4']],
  [
    'a removed first bundle is a gap',
    (made) => rmSync(folder(made, 1), { recursive: true }),
    ['gap 2'],
  ],
  [
    'two bundles that changed places are misplaced',
    (made) => swap(folder(made, 2), folder(made, 5)),
    ['misplaced 2', 'misplaced 5', 'gap 3', 'gap 6'],
  ],
  [
    'a bundle under another day is misplaced',
    (made) => {
      const day = join(made.evidence, '2026/11/21');
      mkdirSync(day);
      renameSync(folder(made, 6), join(day, made.bundles[5]?.bundle_id ?? ''));
    },
    ['misplaced 6'],
  ],
  [
    'a new chain that names the old one holds',
    (made) => {
      const store = made.store();
      store.beginChain({ reason: 'fork', context: CONTEXT, at });
      store.append(draftOf(), CONTEXT);
      store.close();
    },
    [],
  ],
  [
    'a new chain shows that the old one’s end was removed',
    (made) => {
      const store = made.store();
      store.beginChain({ reason: 'restored', context: CONTEXT, at });
      store.close();
      rmSync(folder(made, 6), { recursive: true });
    },
    ['gap null'],
  ],
  [
    'a rotation to a new key holds',
    (made) => {
      const store = made.store();
      store.rotateKey(signerOf(8), { context: CONTEXT, at });
      store.append(draftOf(), CONTEXT);
      store.close();
    },
    [],
  ],
  [
    'what retention pruned is no gap',
    async (made) => {
      const store = storeIn(made.stateDir, { queueing: false });
      const now = new Date('2033-01-01T00:00:00.000Z');
      assert.equal(await store.prune({ now, days: 2192, newest: 3, context: CONTEXT }), {
        pruned: 3,
        more: false,
      });
      assert.equal(await store.prune({ now, days: 2192, newest: 2, context: CONTEXT }), {
        pruned: 2,
        more: false,
      });
      store.close();
    },
    [],
  ],
  [
    'what went missing beside the pruned is a gap',
    async (made) => {
      const store = storeIn(made.stateDir, { queueing: false });
      const now = new Date('2033-01-01T00:00:00.000Z');
      await store.prune({ now, days: 2192, newest: 3, context: CONTEXT });
      store.close();
      rmSync(folder(made, 4), { recursive: true });
    },
    ['gap 5'],
  ],
];

for (const [title, change, said] of cases) {
  test(title, async () => {
    const found = await verdict(change);
    assert.equal(found.said, [...said].sort());
    assert.is(found.ok, said.length === 0);
  });
}

test('a fork in the folder is named with both bundles’ number', async () => {
  await withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    const bundles = Array.from({ length: 3 }, () => store.append(draftOf(), CONTEXT));
    store.close();
    const evidence = join(stateDir, 'evidence');
    const made: Made = { evidence, stateDir, bundles, store: () => storeIn(stateDir) };
    const forked = restoredCopy(made, 2);
    cpSync(forked.folder, join(evidence, '2026/11/22', forked.bundle_id), { recursive: true });
    rmSync(join(stateDir, 'copy'), { recursive: true });
    const { faults } = verifyFolder({ evidence, publicKeys: [signer.publicKey] });
    assert.equal(
      faults.map(({ kind, sequence }) => [kind, sequence]),
      [['fork', 3]],
    );
  });
});

test('with another key nothing is proved', async () => {
  const { ok, said } = await verdict(() => {}, [signerOf(9).publicKey]);
  assert.is(ok, false);
  assert.equal(
    said,
    [1, 2, 3, 4, 5, 6].map((number) => `altered ${number}`),
  );
});

for (const [title, byte] of [
  ['the first', 7],
  ['the newest', 8],
] as const) {
  test(`after a rotation ${title} key alone proves the whole chain`, async () => {
    const { ok } = await verdict(
      (made) => {
        const store = made.store();
        store.rotateKey(signerOf(8), { context: CONTEXT, at });
        store.append(draftOf(), CONTEXT);
        store.close();
      },
      [signerOf(byte).publicKey],
    );
    assert.is(ok, true);
  });
}

test('a key bundle that names a key of small order introduces none, and all else is still looked at', async () => {
  const key = { key_id: NO_DIGEST, public_key: Buffer.alloc(32).toString('base64') };
  const { said } = await verdict(({ evidence, bundles }) => {
    const last = bundles[5];
    const bytes = bundleBytes({
      bundleId: NEXT,
      draft: draftOf({ check: 'key', pre_state: key, post_state: key }),
      context: CONTEXT,
      link: {
        chain_id: last?.chain_id ?? '',
        sequence: 7,
        previous_digest: last?.sha256 ?? '',
        key_id: signer.keyId,
      },
    });
    const folder = join(evidence, '2026/11/22', NEXT);
    mkdirSync(folder);
    writeFileSync(join(folder, 'bundle.json'), bytes);
    writeFileSync(join(folder, 'bundle.sig'), signatureText(signer.sign(bytes)));
    flip(join(last?.folder ?? '', 'bundle.json'));
  });
  assert.equal(said, ['altered 6', `gap 2026/11/22/${NEXT}`]);
});

test('a bundle that the old key signs after a rotation is named', async () => {
  await withStateDir((stateDir) => {
    const store = storeIn(stateDir);
    store.append(draftOf(), CONTEXT);
    store.rotateKey(signerOf(8), { context: CONTEXT, at });
    store.close();
    const evidence = join(stateDir, 'evidence');
    assert.throws(() => storeIn(stateDir), /signing key/);
    // whoever holds the old key goes on with the chain
    setKeyInForce(stateDir, signer.keyId);
    const thief = storeIn(stateDir);
    const forged = thief.append(draftOf(), CONTEXT);
    thief.close();
    const { faults } = verifyFolder({ evidence, publicKeys: [signer.publicKey] });
    assert.equal(
      faults.map(({ kind, name }) => [kind, name]),
      [['key', `2026/11/22/${forged.bundle_id}`]],
    );
    assert.ok(dirname(forged.folder).endsWith('2026/11/22'));
  });
});

function setKeyInForce(stateDir: string, keyId: string): void {
  const db = new Database(join(stateDir, 'evidence.db'));
  db.prepare('UPDATE head SET key_id = ?').run(keyId);
  db.close();
}

test.run();
