import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformVerifier } from '../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import type { Store } from '../../agent/src/effects/store/store.ts';
import { type Client, createClient } from '../../agent/src/effects/upload/client.ts';
import { drainQueue } from '../../agent/src/effects/upload/drain.ts';
import { keepProofs } from '../../agent/src/effects/upload/prove.ts';
import { verifyLogProofs } from '../../agent/src/effects/verify/log.ts';
import { catchUp, checkpointSeal } from '../../agent/src/server/log/log.ts';
import { verifyLog } from '../../agent/src/server/log/verify.ts';
import { ReceiptPayload } from '../../agent/src/wire/envelope.ts';
import { ConsistencyAnswer } from '../../agent/src/wire/routes.ts';
import { type TestAuthority, testAuthority } from '../support/ca.ts';
import { CONTEXT, draftOf, signerOf } from '../support/evidence.ts';
import { NOW, type TestServer, testServer } from '../support/server.ts';
import { storeIn, withStateDir } from '../support/stores.ts';

type World = { ca: TestAuthority; server: TestServer; client: Client };
const test = suite<World>('proofs');

test.before.each(async (world) => {
  world.ca = await testAuthority();
  world.server = await testServer(world.ca);
  await world.server.enrol('host-1', signerOf(7)); // that of `storeIn`
  const files = world.ca.files('host-1', await world.ca.client('host-1'));
  const { url } = world.server;
  world.client = await createClient({ url, caFile: world.ca.caFile, ...files, delaysMs: [] });
});
test.after.each(async ({ ca, server, client }) => {
  await client.close();
  await server.close();
  ca.remove();
});

const keysOf = ({ server }: World) => [createPlatformVerifier(server.signer.publicKey)];

const logAll = ({ server }: World) =>
  catchUp(server.store, checkpointSeal({ signer: server.signer, now: () => NOW }));

/** An agent that sends bundles and then has the server prove its log, each time it is asked. */
async function withAgent(
  world: World,
  body: (agent: {
    evidence: string;
    send(count: number): Promise<void>;
    prove(): ReturnType<typeof keepProofs>;
    verify(): ReturnType<typeof verifyLogProofs>;
  }) => Promise<void>,
): Promise<void> {
  await withStateDir(async (stateDir) => {
    const store: Store = storeIn(stateDir);
    const evidence = join(stateDir, 'evidence');
    const { client } = world;
    const receiptKeys = keysOf(world);
    await body({
      evidence,
      async send(count) {
        for (let index = 0; index < count; index += 1) store.append(draftOf(), CONTEXT);
        const moment = () => ({ now: NOW, sinceBootMs: 0 });
        await drainQueue({ queue: store.queue, client, receiptKeys, moment, jitter: () => 0 });
        await logAll(world);
      },
      prove: () => keepProofs({ evidence, client, receiptKeys }),
      verify: () => verifyLogProofs(evidence, receiptKeys),
    });
    store.close();
  });
}

test('what the server proved is kept, and verifies without it', (world) =>
  withAgent(world, async ({ send, prove, verify, evidence }) => {
    await send(3);
    assert.equal(verify().unproved, 3);
    assert.equal((await prove()).faults, []);
    await send(4);
    await prove();
    await prove(); // nothing new, nothing more
    assert.equal(verify(), {
      included: 7,
      unproved: 0,
      states: 2,
      size: 7,
      untied: [],
      faults: [],
    });
    assert.is(readFileSync(join(evidence, 'log.jsonl'), 'utf8').split('\n').length - 1, 2);
    const stranger = verifyLogProofs(evidence, [createPlatformVerifier(signerOf(3).publicKey)]);
    assert.is(stranger.included, 0);
    assert.match(stranger.faults[0] ?? '', /signed by none of the pinned keys/);
  }));

/** A server whose owner has its receipt key too: everything is altered and signed anew. */
async function rewrite(world: World): Promise<void> {
  const { server } = world;
  const raw = new Database(server.path);
  const triggers = raw
    .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`);
  const row = raw
    .prepare<[], { receipt_payload: Buffer }>('SELECT * FROM evidence WHERE arrival = 2')
    .get();
  const said = ReceiptPayload.parse(JSON.parse(String(row?.receipt_payload)));
  const later = { ...said, received_at: '2026-11-23T10:00:00.000Z' };
  const { payload, signature } = sealEnvelope(later, server.signer);
  raw
    .prepare('UPDATE evidence SET receipt_payload = ?, receipt_signature = ? WHERE arrival = 2')
    .run(Buffer.from(payload, 'base64'), Buffer.from(signature, 'base64'));
  for (const table of ['log_leaves', 'log_nodes', 'checkpoints']) raw.exec(`DELETE FROM ${table}`);
  raw.close();
  await logAll(world);
}

test('a log that was rewritten and signed anew is named, by the host and to the server', (world) =>
  withAgent(world, async ({ send, prove, verify, evidence }) => {
    await send(3);
    await prove();
    await send(2);
    await rewrite(world);
    const named = 'the log was rewritten between 3 and 5 leaves';
    assert.ok((await prove()).faults.includes(named));
    assert.ok(verify().faults.includes(named), 'and for good, offline');
    const kept = readFileSync(join(evidence, 'log.jsonl'), 'utf8').trim().split('\n');
    const [first] = kept.map((line) => ConsistencyAnswer.parse(JSON.parse(line)).checkpoint);
    assert.equal((await verifyLog(world.server.store, keysOf(world))).faults, []);
    const { faults } = await verifyLog(world.server.store, keysOf(world), first ? [first] : []);
    assert.equal(faults, ['checkpoint 3 is not the root of what is kept']);
  }));

test('a log that was rewritten without growing is named', (world) =>
  withAgent(world, async ({ send, prove, verify }) => {
    await send(3);
    await prove();
    await rewrite(world);
    await prove();
    assert.ok(verify().faults.includes('the server signed two logs of 3 leaves that differ'));
  }));

test('a log that lost its end, and a bundle that it forgot, are named', (world) =>
  withAgent(world, async ({ send, prove }) => {
    await send(3);
    await prove();
    await send(1);
    const raw = new Database(world.server.path);
    const triggers = raw
      .prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .all();
    for (const { name } of triggers) raw.exec(`DROP TRIGGER ${name}`);
    raw.exec('PRAGMA foreign_keys = OFF; DELETE FROM log_leaves; DELETE FROM log_nodes');
    raw.exec('DELETE FROM checkpoints; DELETE FROM evidence WHERE arrival > 2');
    raw.close();
    await logAll(world);
    const { faults } = await prove();
    assert.is(faults[0], 'the server no longer has the log of 3 leaves that it signed');
    assert.match(
      faults[1] ?? '',
      /^the server does not know [0-9a-f]{64}, for which it gave a rec/,
    );
  }));

test('a bundle that was taken out of the log is named by the server', (world) =>
  withAgent(world, async ({ send }) => {
    await send(3);
    const { server } = world;
    const raw = new Database(server.path);
    raw.pragma('foreign_keys = OFF');
    raw.exec('DROP TRIGGER log_leaves_never_goes; DROP TRIGGER log_leaves_never_changes');
    raw.exec('DELETE FROM log_leaves WHERE leaf_index = 1');
    raw.exec('UPDATE log_leaves SET leaf_index = 1 WHERE leaf_index = 2');
    raw.close();
    const { faults } = await verifyLog(server.store, keysOf(world));
    assert.match(faults.at(-1) ?? '', /^[0-9a-f]{64} of host-1 is kept and not in the log$/);
  }));

test('kept proofs that were altered, or taken from beside another receipt, are named', (world) =>
  withAgent(world, async ({ send, prove, verify, evidence }) => {
    await send(2);
    await prove();
    const [one, other] = readdirSync(evidence, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('proof.json'))
      .map((path) => join(evidence, path)) as [string, string];
    const [first, second] = [readFileSync(one), readFileSync(other)];
    writeFileSync(one, second);
    assert.match(verify().faults.join(), /^the receipt of [0-9a-f]{64} is not in the log of 2 le/);
    writeFileSync(one, first.subarray(9));
    assert.match(verify().faults.join(), /^the proof of [0-9a-f]{64} is malformed$/);
    writeFileSync(one, first);
    assert.equal(verify().faults, []);
    appendFileSync(join(evidence, 'log.jsonl'), '{}\n');
    assert.equal(verify().faults, ['line 2 of log.jsonl is malformed']);
  }));

test.run();
