import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformSigner } from '../../../agent/src/core/ed25519.ts';
import { takeEvidence } from '../../../agent/src/server/intake/intake.ts';
import { checkpointSeal } from '../../../agent/src/server/log/log.ts';
import type { Store } from '../../../agent/src/server/store/store.ts';
import { startWatch } from '../../../agent/src/server/watch/watch.ts';
import { type Signed, signedChain } from '../../support/chain.ts';
import { signerOf } from '../../support/evidence.ts';
import { enrolHost, NOW } from '../../support/server.ts';
import { stopPostgresql, testStores } from '../../support/server-stores.ts';

const key = signerOf(1);
const signer = createPlatformSigner(new Uint8Array(32).fill(99));
/** Seconds between attestations. */
const interval = 3600;
const after = (intervals: number) => new Date(NOW.getTime() + intervals * interval * 1000);

async function send(store: Store, { bytes, signature }: Signed): Promise<void> {
  const { keys = [] } = (await store.enrolled('host-1')) ?? {};
  await takeEvidence({ store, signer, keys, hostId: 'host-1', bytes, signature, now: NOW });
}

/** The alarms that a server logs which looks at that time. */
async function alarmsAt(store: Store, now: Date): Promise<string[]> {
  const kinds: string[] = [];
  const said = (entry: unknown) => {
    kinds.push((entry as { alarm: { kind: string } }).alarm.kind);
  };
  const logger = {
    info: () => {},
    warn: said,
    error: (entry: unknown) => assert.unreachable(String(entry)),
  };
  const seal = checkpointSeal({ signer, now: () => now });
  await startWatch({ store, seal, now: () => now, interval, logger }).stop();
  return kinds.sort();
}

const [first, second, third] = signedChain({ signer: key, length: 3 }) as [Signed, Signed, Signed];
const [other] = signedChain({ signer: key, length: 1, after: first }) as [Signed];
const cases: [title: string, sent: Signed[], soon: string[], late: string[]][] = [
  ['stops', [first, second], [], ['silent']],
  ['has a gap', [first, third], [], ['gap', 'silent']],
  ['forks', [first, second, other], ['fork'], ['fork', 'silent']],
];
for (const [title, sent, soon, late] of cases) {
  testStores(
    `a chain that ${title} is an alarm within two intervals, until the host is retired`,
    async (database) => {
      const store = await database.open();
      await enrolHost(store, 'host-1', key);
      for (const bundle of sent) await send(store, bundle);
      assert.equal(await alarmsAt(store, after(1)), soon);
      assert.equal(await alarmsAt(store, new Date(after(2).getTime() + 1)), late);
      const state = 'retired';
      await store.setHostState({ hostId: 'host-1', state, now: after(2).toISOString() });
      assert.equal(await alarmsAt(store, after(9)), []);
      await store.close();
    },
  );
}

test.after(stopPostgresql);
test.run();
