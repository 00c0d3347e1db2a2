import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reader, Store } from '../../../agent/src/server/store/store.ts';
import { stopPostgresql, testStores } from '../../support/server-stores.ts';
import { READER, testHost, viewerApp } from '../../support/viewer.ts';

const OPERATOR: Reader = { ...READER, name: 'Olga', role: 'operator' };

/** Asks for an order as a host does; gives its id. */
async function request(
  store: Store,
  hostId: string,
  minute: number,
  reason = 'the generation is old',
) {
  const asked = await store.requestOrder({
    ...{ hostId, siteId: 'clinic-1', orderId: randomUUID(), maxOpen: 64 },
    request: {
      ...{ request_id: randomUUID(), check: 'patching', reason, bundle_sha256: null },
      runbook_id: 'update_to_baseline_generation',
    },
    now: new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString(),
  });
  return asked === 'too_many' ? '' : asked.order.orderId;
}

/** Two hosts of two resellers with five orders, of which one is rejected and one exported. */
async function withOrders(store: Store): Promise<string[]> {
  await testHost(store, 'host-1', { resellerId: 'northcare' });
  await testHost(store, 'host-2', { resellerId: 'southcare' });
  const ids: string[] = [];
  for (const [minute, host] of ['host-1', 'host-2', 'host-1', 'host-1', 'host-1'].entries())
    ids.push(await request(store, host, Math.floor(minute / 2))); // two at one time
  const by = { kind: 'reader', name: 'Olga' } as const;
  const now = '2026-11-22T09:30:00.000Z';
  await store.changeOrder({ orderId: ids[0] ?? '', from: 'requested', to: 'rejected', by, now });
  await store.exportOrder({ orderId: ids[2] ?? '', by, now });
  return ids;
}

const onStores = (name: string, body: (store: Store, ids: string[]) => Promise<void>) =>
  testStores(name, async (database) => {
    const store = await database.open();
    await body(store, await withOrders(store)).finally(() => store.close());
  });

onStores(
  'orders go backwards page by page, each with what last became of it',
  async (store, ids) => {
    const ask = (before: Parameters<Store['orderPage']>[0]['before']) =>
      store.orderPage({ scope: READER, hostId: null, state: null, before, limit: 2 });
    const seen: string[] = [];
    for (
      let page = await ask(null);
      page.orders.length > 0;
      page = await ask(page.orders.at(-1) ?? null)
    ) {
      seen.push(...page.orders.map(({ orderId }) => orderId));
    }
    assert.equal([...seen].sort(), [...ids].sort());
    assert.is(seen[0], ids[4], 'the newest first');
    const { orders, states } = await store.orderPage({
      scope: READER,
      hostId: 'host-1',
      state: null,
      before: null,
      limit: 9,
    });
    const lastOf = (id: string | undefined) => orders.find(({ orderId }) => orderId === id)?.last;
    assert.equal(
      [lastOf(ids[0])?.what, lastOf(ids[0])?.by],
      ['rejected', { kind: 'reader', name: 'Olga' }],
    );
    assert.is(lastOf(ids[2])?.what, 'exported');
    assert.equal(lastOf(ids[4])?.by, { kind: 'host', name: 'host-1' });
    assert.equal([...states].sort(), [
      ['rejected', 1],
      ['requested', 3],
    ]);
  },
);

onStores('a reader sees the orders of its hosts and no other', async (store, ids) => {
  const app = await viewerApp(store, { ...OPERATOR, resellers: ['southcare'] });
  const { body } = await app.inject('/orders');
  assert.equal(body.match(/href="\/orders\/[0-9a-f-]{36}"/g), [`href="/orders/${ids[1]}"`]);
  assert.is((await app.inject(`/orders/${ids[1]}`)).statusCode, 200);
  assert.is((await app.inject(`/orders/${ids[0]}`)).statusCode, 404);
});

onStores(
  'an operator may decide about what is requested, and an auditor about nothing',
  async (store, ids) => {
    const operator = await viewerApp(store, OPERATOR);
    const auditor = await viewerApp(store);
    const forms = async (app: typeof operator, address: string) => {
      const { body } = await app.inject(address);
      const found = [...body.matchAll(/<form\b[^>]*method="post"[^>]*/g)].map(
        ([form]) => /action="([^"]+)"/.exec(form)?.[1],
      );
      return found.filter((action) => action !== '/sign-out').sort();
    };
    const open = `/orders/${ids[4]}`;
    assert.equal(
      await forms(operator, open),
      [`${open}/export`, `${open}/reject`, '/orders/import'].sort(),
    );
    assert.equal(await forms(operator, `/orders/${ids[0]}`), [], 'it is rejected already');
    assert.equal(await forms(operator, '/orders'), ['/orders/import']);
    for (const address of ['/orders', open]) assert.equal(await forms(auditor, address), []);
  },
);

onStores('whatever a host gives as its reason stays text', async (store) => {
  const reason = `<script>alert(1)</script>"' onload='x`;
  const id = await request(store, 'host-1', 40, reason);
  const app = await viewerApp(store, OPERATOR);
  for (const address of ['/orders', `/orders/${id}`]) {
    const { body } = await app.inject(address);
    assert.not.match(body, '<script>alert');
    assert.match(body, '&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=&#39;x');
  }
});

onStores('what is no address of an order is refused in words', async (store) => {
  const app = await viewerApp(store);
  for (const id of ['../', "' OR 1=1 --", randomUUID(), '\0'])
    assert.is((await app.inject(`/orders/${encodeURIComponent(id)}`)).statusCode, 404, id);
  for (const query of [
    '?state=gone',
    '?host=..%2f',
    '?before=x',
    "?before=2026-11-22T09:00:00.000Z~' OR 1=1",
  ])
    assert.is((await app.inject(`/orders${query}`)).statusCode, 400, query);
});

test.after(stopPostgresql);
test.run();
