import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createNotifier } from '../../../agent/src/agent/integrations/notifier.ts';
import { openStore } from '../../../agent/src/effects/store/store.ts';
import { FailureError } from '../../../agent/src/wire/failure.ts';
import type { Notice } from '../../../agent/src/wire/notice.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';
import { withStateDir } from '../../support/stores.ts';

const signal = new AbortController().signal;
const quiet = { info() {}, warn() {} };

/** A notifier of a real outbox with so many alerts, to a receiver whose state the test sets. */
async function withNotifier(
  alerts: number,
  body: (world: {
    turn: () => Promise<number>;
    receiver: { down: boolean; told: Notice[]; connections: number };
    waiting: () => { pending: number; stalled: number; delivered: number };
  }) => Promise<void>,
): Promise<void> {
  await withStateDir(async (stateDir) => {
    const key = () => signerOf(7);
    const store = openStore({ stateDir, key, queueing: false, channels: ['webhook'] });
    for (let count = 0; count < alerts; count += 1)
      store.append(draftOf({ outcome: 'alert' }), CONTEXT);
    const receiver = { down: false, told: [] as Notice[], connections: 0 };
    const notifier = createNotifier({
      channel: 'webhook',
      outbox: store.outbox,
      connect: async () => {
        receiver.connections += 1;
        return {
          async send(notice: Notice) {
            if (receiver.down) throw new FailureError('unreachable');
            receiver.told.push(notice);
          },
          close: async () => {},
        };
      },
      log: quiet,
      random: () => 0.5,
      moment: () => ({ now: new Date(), sinceBootMs: 5_000_000 }),
    });
    const waiting = () => store.outbox.metrics('webhook');
    await body({ turn: () => notifier.turn(signal), receiver, waiting });
    store.close();
  });
}

test('what waits is told in order, over one connection', () =>
  withNotifier(5, async ({ turn, receiver, waiting }) => {
    await turn();
    assert.equal(
      receiver.told.map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5],
    );
    assert.is(receiver.connections, 1);
    assert.equal(waiting(), { pending: 0, stalled: 0, delivered: 5 });
  }));

test('an outage costs one notice a try, waits ever longer, and ends with all told', () =>
  withNotifier(4, async ({ turn, receiver, waiting }) => {
    receiver.down = true;
    const first = await turn();
    assert.is(receiver.told.length, 0);
    assert.ok((await turn()) > first);
    assert.is(waiting().pending, 4);
    receiver.down = false;
    await turn();
    await turn(); // the two whose tries were spent are due again
    assert.equal(receiver.told.map(({ sequence }) => sequence).toSorted(), [1, 2, 3, 4]);
    assert.is(waiting().delivered, 4);
    assert.is(receiver.connections, 3, 'a new connection after each failure');
  }));

test('with nothing to tell nobody is connected to', () =>
  withNotifier(0, async ({ turn, receiver }) => {
    assert.is(await turn(), 60_000);
    assert.is(receiver.connections, 0);
  }));

test.run();
