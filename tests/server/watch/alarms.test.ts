import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chain, Host } from '../../../agent/src/server/store/store.ts';
import { alarmsOf } from '../../../agent/src/server/watch/alarms.ts';

const now = new Date('2026-11-22T12:00:00.000Z');
const at = (time: string) => `2026-11-22T${time}:00.000Z`;
const host: Host = {
  hostId: 'host-1',
  siteId: 'clinic-1',
  resellerId: null,
  state: 'active',
  enrolledAt: at('01:00'),
  changedAt: at('01:00'),
};
const chain: Chain = {
  chainId: 'chain-1',
  openedAt: at('02:00'),
  head: { sequence: 9, sha256: 'x' },
  bundles: 9,
  highest: 9,
  forks: 0,
  lastReceivedAt: at('11:30'),
  gapSince: null,
  forkedAt: null,
};

const cases: [title: string, host: Partial<Host>, chains: Partial<Chain>[], alarms: string[]][] = [
  ['is well', {}, [{}], []],
  ['was silent for less than two intervals', {}, [{ lastReceivedAt: at('10:00') }], []],
  ['was silent for longer', {}, [{ lastReceivedAt: at('09:59') }], ['silent since 09:59']],
  ['never spoke', {}, [], ['silent since 01:00']],
  ['was enrolled just now', { changedAt: at('11:59') }, [], []],
  ['has a fresh gap', {}, [{ gapSince: at('10:30') }], []],
  ['has an old gap', {}, [{ gapSince: at('09:30') }], ['gap since 09:30']],
  ['forked', {}, [{ forkedAt: at('11:59'), forks: 1 }], ['fork since 11:59']],
  ['forked and began a new chain', {}, [{ forkedAt: at('08:00') }, { openedAt: at('08:01') }], []],
  [
    'forked in its new chain',
    {},
    [{}, { openedAt: at('08:00'), forkedAt: at('09:00') }],
    ['fork since 09:00'],
  ],
  [
    'is retired',
    { state: 'retired' },
    [{ lastReceivedAt: at('03:00'), gapSince: at('03:00') }],
    [],
  ],
  ['is revoked', { state: 'revoked' }, [{ forkedAt: at('03:00') }], []],
];
for (const [title, changed, chains, expected] of cases) {
  test(`a host that ${title} has ${expected.length === 0 ? 'no alarm' : 'an alarm'}`, () => {
    const summary = {
      host: { ...host, ...changed },
      chains: chains.map((change) => ({ ...chain, ...change })),
    };
    const alarms = alarmsOf(summary, { now, interval: 3600 });
    assert.equal(
      alarms.map(({ kind, since }) => `${kind} since ${since.slice(11, 16)}`),
      expected,
    );
  });
}

test.run();
