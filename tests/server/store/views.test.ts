import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Store } from '../../../agent/src/server/store/store.ts';
import type { FleetQuestion } from '../../../agent/src/server/store/views.ts';
import { alarmsOf } from '../../../agent/src/server/watch/alarms.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';
import { drifted, stateOf } from '../../support/report.ts';
import { stopPostgresql, testStores } from '../../support/server-stores.ts';
import { settle, testHost } from '../../support/viewer.ts';
import { attestation, smallFleet } from '../../support/viewer-fleet.ts';

const ALL: FleetQuestion = {
  scope: { resellers: null, sites: null },
  search: null,
  state: 'active',
  standing: null,
  control: null,
  alarm: false,
  heardSince: '2026-11-22T08:00:00.000Z',
  after: null,
  limit: 100,
};
/** A test with a fresh database of each kind. */
const onStores = (name: string, body: (store: Store) => Promise<void>) =>
  testStores(name, async (database) => {
    const store = await database.open();
    await body(store).finally(() => store.close());
  });

onStores(
  'standings are the newest word on each control, since it has been the same',
  async (store) => {
    const host = await testHost(store, 'host-1');
    const at = (time: string) => `2026-11-22T${time}:00.000Z`;
    await host.say(at('07:00'), attestation());
    const found = drifted('firewall', 'A rule was added.') as unknown as Json;
    const first = await host.say(at('07:30'), { check: 'firewall', post_state: found });
    await host.say(
      at('08:00'),
      attestation({ firewall: { verdict: 'drifted', severity: 'high' } }),
    );
    await settle(store);
    const standingOf = async () =>
      (await store.fleetHost('host-1', ALL.scope))?.standings.find(
        ({ check }) => check === 'firewall',
      );
    assert.equal(
      [(await standingOf())?.verdict, (await standingOf())?.since],
      ['drifted', at('07:30')],
    );
    assert.is.not((await standingOf())?.sha256, first.sha256, 'and the bundle that says so last');
    const healed = stateOf('firewall') as unknown as Json;
    await host.say(at('08:10'), { check: 'firewall', post_state: healed, outcome: 'success' });
    await settle(store);
    assert.equal(
      [(await standingOf())?.verdict, (await standingOf())?.since],
      ['compliant', at('08:10')],
    );
    const hours = (
      await store.days({ hostId: 'host-1', from: '2026-11-22', to: '2026-11-22' })
    ).get('2026-11-22');
    assert.is(hours?.['firewall'], '.......dd...............', 'an hour is as its worst word');
    assert.is(hours?.['backup'], '.......cc...............');
  },
);

onStores(
  'a bundle that comes late moves no standing, and its hour is told all the same',
  async (store) => {
    const host = await testHost(store, 'host-1');
    await host.say('2026-11-22T09:00:00.000Z', attestation());
    await settle(store);
    await host.say('2026-11-21T09:00:00.000Z', attestation({ backup: { verdict: 'unknown' } }));
    await settle(store);
    const { standings = [] } = (await store.fleetHost('host-1', ALL.scope)) ?? {};
    assert.equal([...new Set(standings.map(({ verdict }) => verdict))], ['compliant']);
    const days = await store.days({ hostId: 'host-1', from: '2026-11-01', to: '2026-11-30' });
    assert.is(days.get('2026-11-21')?.['backup'], '.........u..............');
  },
);

onStores('SQL and the watch agree on what is an alarm', async (store) => {
  await smallFleet(store);
  const clone = await testHost(store, 'cloned');
  await clone.say('2026-11-22T09:00:00.000Z', attestation());
  await store.setHostState({ hostId: 'calm-1', state: 'retired', now: '2026-11-22T09:50:00.000Z' });
  await settle(store);
  const now = new Date('2026-11-22T10:00:00.000Z');
  const asked = await store.fleet({ ...ALL, state: null, alarm: true });
  const watched = (await store.hosts()).flatMap((summary) =>
    alarmsOf(summary, { now, interval: 3600 }),
  );
  assert.equal(
    asked.hosts.map(({ host }) => host.hostId),
    watched.map(({ hostId }) => hostId),
  );
  assert.equal(
    asked.hosts.map(({ host }) => host.hostId),
    ['old-laptop'],
  );
  const all = await store.fleet({ ...ALL, state: null });
  assert.equal([...all.ranks].sort(), [
    [0, 1],
    [1, 2],
    [4, 1],
    [7, 1],
    [8, 1],
    [9, 1],
  ]);
});

const HOSTILE = ["' OR 1=1 --", '"; DROP TABLE hosts; --', '%', '_', '\\', '<script>', '$1'];
onStores('whatever is searched for is text and no SQL', async (store) => {
  await smallFleet(store);
  for (const search of HOSTILE) {
    assert.is((await store.fleet({ ...ALL, search })).hosts.length, 0, search);
    assert.is(await store.fleetHost(search, ALL.scope), null);
    assert.is(await store.bundle(search, search), null);
    const nobody = { ...ALL, scope: { resellers: [search], sites: [search] } };
    assert.is((await store.fleet(nobody)).hosts.length, 0);
    const timeline = { check: search, outcome: search, until: null, before: null, limit: 9 };
    assert.equal(await store.timeline({ hostId: search, ...timeline }), []);
  }
  assert.is((await store.fleet(ALL)).hosts.length, 6, 'and everything is still there');
});

onStores('a timeline goes backwards page by page and leaves attestations out', async (store) => {
  const host = await testHost(store, 'host-1');
  const said: string[] = [];
  for (let minute = 10; minute < 17; minute += 1) {
    const at = `2026-11-22T09:${minute < 13 ? 12 : minute}:00.000Z`; // three of one time
    const check = minute % 2 === 0 ? 'firewall' : 'backup';
    said.unshift(
      (await host.say(at, { check, post_state: stateOf(check) as unknown as Json })).sha256,
    );
    await host.say(at, attestation());
  }
  const ask = (fields: Partial<Parameters<Store['timeline']>[0]>) =>
    store.timeline({
      hostId: 'host-1',
      check: null,
      outcome: null,
      until: null,
      before: null,
      limit: 3,
      ...fields,
    });
  const seen: string[] = [];
  for (let page = await ask({}); page.length > 0; ) {
    seen.push(...page.map(({ sha256 }) => sha256));
    const last = page.at(-1);
    page = await ask({ before: last ?? null });
  }
  assert.equal(seen, said);
  assert.is((await ask({ check: 'firewall', limit: 99 })).length, 4);
  assert.is((await ask({ until: '2026-11-22T09:13:00.000Z', limit: 99 })).length, 3);
  assert.is((await ask({ outcome: 'failed' })).length, 0);
  assert.equal((await store.bundle('host-1', said[0] ?? ''))?.sha256, said[0]);
  assert.is(await store.bundle('host-2', said[0] ?? ''), null, 'not of another host');
});

test.after(stopPostgresql);
test.run();
