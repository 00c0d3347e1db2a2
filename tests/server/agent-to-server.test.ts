import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { parseSignatureText } from '../../agent/src/core/record.ts';
import type { Store } from '../../agent/src/effects/store/store.ts';
import { type Client, createClient } from '../../agent/src/effects/upload/client.ts';
import { drainQueue } from '../../agent/src/effects/upload/drain.ts';
import { verifyHost } from '../../agent/src/server/verify.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { CONTEXT, draftOf, signerOf } from '../support/evidence.ts';
import { type TestServer, testServer } from '../support/server.ts';
import { storeIn, withStateDir } from '../support/stores.ts';

type World = { ca: TestAuthority; server: TestServer; client: Client };
const test = suite<World>('agent to server');
const at = new Date('2026-11-22T09:30:00.000Z');
const key = signerOf(7); // that of `storeIn`

test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', key);
  world.client = await createClient({
    url: world.server.url,
    caFile: world.ca.caFile,
    ...world.ca.files('host-1', await world.ca.client('host-1')),
    delaysMs: [],
  });
});
test.after.each(async ({ ca, server, client }) => {
  await client.close();
  await server.close();
  ca.remove();
});

const drain = ({ server, client }: World, store: Store, minutes = 0) =>
  drainQueue({
    queue: store.queue,
    client,
    receiptKeys: [createPlatformVerifier(server.signer.publicKey)],
    moment: () => ({ now: at, sinceBootMs: minutes * 60_000 }),
    jitter: () => 0,
  });

const append = (store: Store, count: number) => {
  for (let index = 0; index < count; index += 1) store.append(draftOf(), CONTEXT);
};

/** What the server would say of all that it keeps. */
async function verified({ server }: World) {
  const [summary] = await server.store.hosts();
  if (summary === undefined) throw new Error('no host');
  const receiptKeys = [createPlatformVerifier(server.signer.publicKey)];
  const report = await verifyHost({ store: server.store, summary, receiptKeys });
  return { bundles: report.bundles, faults: report.faults.map(({ kind }) => kind) };
}

test('a backlog goes up, its receipts lie beside the bundles, and nothing goes up twice', (world) =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    append(store, 25);
    const { uploaded, left, outage } = await drain(world, store);
    assert.equal([uploaded, left, outage], [25, 0, null]);
    assert.is((await drain(world, store)).uploaded, 0);
    assert.equal(await verified(world), { bundles: 25, faults: [] });
    const files = readdirSync(join(stateDir, 'evidence'), { recursive: true, encoding: 'utf8' });
    const receipts = files.filter((name) => name.endsWith('receipt.json'));
    assert.is(receipts.length, 25);
    for (const name of receipts) {
      const path = join(stateDir, 'evidence', name);
      const signature = parseSignatureText(readFileSync(path.replace('.json', '.sig'), 'utf8'));
      const verifier = createPlatformVerifier(world.server.signer.publicKey);
      assert.ok(signature && verifier.verify(readFileSync(path), signature));
    }
    store.close();
  }));

test('a rotated key goes on where the old one ended', (world) =>
  withStateDir(async (stateDir) => {
    const store = storeIn(stateDir);
    append(store, 3);
    store.rotateKey(signerOf(8), { context: CONTEXT, at });
    append(store, 3);
    // What overtakes the handover is refused and comes again.
    await drain(world, store);
    await drain(world, store, 10);
    assert.is(store.queue.metrics(at).pending, 0);
    assert.equal(await verified(world), { bundles: 8, faults: [] });
    store.close();
  }));

test('a host restored from a backup forks, is told the head, and goes on in a new chain', (world) =>
  withStateDir(async (stateDir) => {
    const backup = join(stateDir, 'backup');
    const live = join(stateDir, 'live');
    const before = storeIn(live);
    append(before, 2);
    await drain(world, before);
    before.close();
    cpSync(live, backup, { recursive: true });
    const lived = storeIn(live);
    append(lived, 2);
    await drain(world, lived);
    lived.close();
    rmSync(live, { recursive: true });

    const restored = storeIn(backup);
    append(restored, 1);
    const { fork, uploaded } = await drain(world, restored);
    assert.is(uploaded, 1, 'the server keeps the bytes of a fork too');
    assert.is(JSON.parse(Buffer.from(fork?.payload ?? '', 'base64').toString()).sequence, 4);
    restored.beginChain({ reason: 'fork', context: CONTEXT, at });
    append(restored, 1);
    const after = await drain(world, restored);
    assert.equal([after.uploaded, after.fork], [2, null]);
    assert.ok((await verified(world)).faults.includes('fork'));
    restored.close();
  }));

test.run();
