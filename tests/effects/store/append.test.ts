import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformVerifier } from '../../../agent/src/core/ed25519.ts';
import { openBundle } from '../../../agent/src/core/record.ts';
import { openReader, openStore } from '../../../agent/src/effects/store/store.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import { NO_DIGEST } from '../../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';

const signer = signerOf(7);
const verifiers = [createPlatformVerifier(signer.publicKey)];
let stateDir = '';
const open = (fields: { queueing?: boolean } = {}) =>
  openStore({ stateDir, key: () => signer, queueing: true, bootId: 'boot-1', ...fields });

test.before.each(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'store-'));
});
test.after.each(() => rmSync(stateDir, { recursive: true, force: true }));

test('bundles are numbered, chained, signed and readable as files', () => {
  const store = open();
  const first = store.append(draftOf(), CONTEXT);
  const second = store.append(draftOf({ at: '2026-11-23T00:00:00.000Z' }), CONTEXT);
  store.close();

  assert.is(first.folder, join(stateDir, 'evidence/2026/11/22', first.bundle_id));
  assert.is(second.folder, join(stateDir, 'evidence/2026/11/23', second.bundle_id));
  const [one, two] = [first, second].map(({ folder }) => {
    const bytes = readFileSync(join(folder, 'bundle.json'));
    const signature = readFileSync(join(folder, 'bundle.sig'), 'latin1');
    const opened = openBundle({ bytes, signature, verifiers });
    if (!opened.ok) throw new Error(opened.reason);
    return { digest: sha256Hex(bytes), ...opened.bundle };
  });
  assert.is(one?.sequence, 1);
  assert.is(one?.previous_digest, NO_DIGEST);
  assert.is(two?.sequence, 2);
  assert.is(two?.previous_digest, one?.digest);
  assert.is(two?.chain_id, one?.chain_id);
  assert.is(second.sha256, two?.digest);
});

test('a store opened again goes on with its chain', () => {
  const before = open();
  const first = before.append(draftOf(), CONTEXT);
  before.close();
  const after = open();
  const second = after.append(draftOf(), CONTEXT);
  assert.equal(after.reconciliation, { adopted: [], setApart: [], missing: [] });
  after.close();
  assert.is(second.chain_id, first.chain_id);
  assert.is(second.sequence, 2);
});

test('a second writer is told that the first is there, and a reader reads beside it', () => {
  const store = open();
  store.append(draftOf(), CONTEXT);
  assert.throws(open, (error: unknown) => {
    return error instanceof FailureError && error.failure.code === 'busy';
  });
  const reader = openReader({ stateDir });
  assert.is(reader.list().bundles.length, 1);
  reader.close();
  store.append(draftOf(), CONTEXT);
  store.close();
});

test('a draft that is not of the schema is refused, and leaves nothing behind', () => {
  const store = open();
  const bad = { ...draftOf(), secret: 'x' } as unknown as ReturnType<typeof draftOf>;
  assert.throws(() => store.append(bad, CONTEXT), /secret/);
  assert.equal(readdirSync(join(stateDir, 'evidence')), []);
  assert.is(store.head(), null);
  store.close();
});

test('kinds that change what follows are for the store alone', () => {
  const store = open();
  for (const check of ['key', 'chain', 'retention'])
    assert.throws(() => store.append(draftOf({ check }), CONTEXT), /internal/);
  store.close();
});

test('a bundle whose commit was cut is adopted, with its place in the queue', () => {
  const store = open();
  store.append(draftOf(), CONTEXT);
  const cut = store.append(draftOf(), CONTEXT);
  store.close();
  forget(cut.bundle_id);

  const again = open();
  assert.equal(again.reconciliation.adopted, [cut.bundle_id]);
  assert.is(again.head()?.sequence, 2);
  assert.is(again.queue.metrics(new Date()).pending, 2);
  again.close();
});

test('a folder that does not verify or does not continue the chain is set apart', () => {
  const store = open();
  store.append(draftOf(), CONTEXT);
  const old = store.append(draftOf(), CONTEXT);
  store.append(draftOf(), CONTEXT);
  store.close();
  forget(old.bundle_id, { keepHead: true });

  const again = open();
  assert.equal(again.reconciliation.setApart, [old.bundle_id]);
  assert.ok(existsSync(join(stateDir, 'set-apart', old.bundle_id, 'bundle.json')));
  assert.not(existsSync(old.folder));
  again.close();
});

test('a bundle whose folder is gone is reported', () => {
  const store = open();
  const lost = store.append(draftOf(), CONTEXT);
  store.close();
  rmSync(lost.folder, { recursive: true });
  const again = open();
  assert.equal(again.reconciliation.missing, [lost.bundle_id]);
  again.close();
});

/** Makes the index as it was before a bundle’s commit. */
function forget(bundleId: string, { keepHead = false } = {}): void {
  const db = new Database(join(stateDir, 'evidence.db'));
  const row = db.prepare('SELECT * FROM bundle WHERE bundle_id = ?').get(bundleId) as {
    sha256: string;
    sequence: number;
    previous_digest: string;
  };
  db.prepare('DELETE FROM bundle WHERE bundle_id = ?').run(bundleId);
  db.prepare('DELETE FROM queue WHERE sha256 = ?').run(row.sha256);
  db.prepare("UPDATE folder SET mtime_ns = '0'").run();
  if (!keepHead) {
    db.prepare('UPDATE head SET sequence = ?, digest = ?').run(
      row.sequence - 1,
      row.previous_digest,
    );
  }
  db.close();
}

test.run();
