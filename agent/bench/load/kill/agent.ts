// A child of main.ts: writes evidence and uploads it with the agent’s own store and queue until it is killed, and says
// what the server has acknowledged, as soon as it has. With "finish" it uploads what is left, and ends.
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { simulateAgent } from '../../../demo/drift/agent.ts';
import { createPlatformSigner, createPlatformVerifier } from '../../../src/core/ed25519.ts';
import { readPublicKeys } from '../../../src/effects/keys.ts';
import { readMoment } from '../../../src/effects/moment.ts';
import { openStore } from '../../../src/effects/store/store.ts';
import { type Client, createClient } from '../../../src/effects/upload/client.ts';
import { drainQueue } from '../../../src/effects/upload/drain.ts';
import { sha256Hex } from '../../../src/wire/canonical.ts';
import { sampleContext } from '../../sample.ts';
import type { AgentTask } from './task.ts';

/** Milliseconds between two bundles. */
const PAUSE = 15;

const task: AgentTask = JSON.parse(process.argv[2] ?? '{}');
const signer = createPlatformSigner(Buffer.from(sha256Hex(task.hostId), 'hex'));
const receiptKeys = readPublicKeys(task.receiptKeys).map(createPlatformVerifier);
const context = { ...sampleContext(), host_id: task.hostId, site_id: 'load' };
const { stateDir } = task;
const store = openStore({ stateDir, key: () => signer, queueing: true, bootId: 'kill-test' });
const client = await createClient({ ...task.connection, delaysMs: [] });

/** An answer is an acknowledgement whether or not the agent lives to note it. */
const sendEvidence: Client['sendEvidence'] = async (sent) => {
  const answer = await client.sendEvidence(sent);
  writeSync(1, `${sha256Hex(sent.bytes)}\n`);
  return answer;
};
const drain = () => {
  store.queue.retryNow();
  const { queue } = store;
  const about = { receiptKeys, moment: readMoment, jitter: () => 0, limit: 64 };
  return drainQueue({ queue, client: { sendEvidence }, ...about });
};

if (task.what === 'finish') {
  while (store.queue.metrics(new Date()).pending > 0) {
    const { fork, outage } = await drain();
    if (fork !== null) throw new Error('the server holds another history');
    if (outage !== null) await sleep(100);
  }
  await client.close();
  store.close();
} else {
  await Promise.all([write(), upload()]);
}

/** What the drift generator plans, day after day, as fast as it goes. */
async function write(): Promise<never> {
  const about = { hostId: task.hostId, siteId: 'load', resellerId: null };
  for (let day = 1; ; day += 1) {
    const plan = { seed: `kill ${day}`, from: Date.UTC(2026, 0, day), days: 1, ...about };
    for (const { draft } of simulateAgent(plan).drafts()) {
      store.append(draft, context);
      await sleep(PAUSE);
    }
  }
}

async function upload(): Promise<never> {
  for (;;) {
    const { outage } = await drain();
    await sleep(outage === null ? PAUSE : 100);
  }
}
