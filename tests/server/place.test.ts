import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkKey, isFork } from '../../agent/src/server/intake/place.ts';
import type { HostKey, Surroundings } from '../../agent/src/server/store/store.ts';

const EARLY = '2026-11-01T00:00:00.000Z';
const MIDDLE = '2026-11-02T00:00:00.000Z';
const LATE = '2026-11-03T00:00:00.000Z';
const around: Surroundings = {
  keys: [],
  chainOpenedAt: null,
  head: { sequence: 0, sha256: '' },
  same: null,
  previous: null,
  nextExpects: null,
  followsFork: false,
};

const places: [title: string, change: Partial<Surroundings>, fork: boolean][] = [
  ['with nothing around it', {}, false],
  ['that continues what is before it', { previous: 'before' }, false],
  ['that does not continue what is before it', { previous: 'other' }, true],
  ['that is continued by what is after it', { nextExpects: 'this' }, false],
  ['that is not continued by what is after it', { nextExpects: 'other' }, true],
  ['at the place of another', { same: 'other' }, true],
  ['that continues a fork', { followsFork: true }, true],
];
for (const [title, change, fork] of places) {
  test(`a bundle ${title} is ${fork ? 'a' : 'no'} fork`, () => {
    const bundle = { sha256: 'this', previousDigest: 'before' };
    assert.is(isFork(bundle, { ...around, ...change }), fork);
  });
}

const inForce: HostKey = {
  keyId: 'key',
  publicKey: new Uint8Array(32),
  addedAt: EARLY,
  from: null,
  until: null,
  supersededAt: null,
  revoked: false,
};
const ended: Partial<HostKey> = { until: { chainId: 'A', sequence: 5 }, supersededAt: MIDDLE };

type Case = [
  title: string,
  key: Partial<HostKey>,
  chainId: string,
  sequence: number,
  openedAt: string | null,
  counts: boolean,
];
const keys: Case[] = [
  ['a key in force, anywhere', {}, 'A', 9, null, true],
  [
    'a key at the bundle that named it',
    { from: { chainId: 'A', sequence: 5 } },
    'A',
    5,
    EARLY,
    false,
  ],
  ['a key right after it', { from: { chainId: 'A', sequence: 5 } }, 'A', 6, EARLY, true],
  ['a key of chain A in chain B', { from: { chainId: 'A', sequence: 5 } }, 'B', 1, null, true],
  ['a superseded key at its last bundle', ended, 'A', 5, EARLY, true],
  ['a superseded key right after it', ended, 'A', 6, EARLY, false],
  ['a superseded key in a chain open before', ended, 'B', 9, EARLY, true],
  ['a superseded key in a chain opened since', ended, 'B', 9, LATE, false],
  ['a superseded key that would open a chain', ended, 'B', 1, null, false],
  ['a key that was replaced', { revoked: true }, 'A', 1, EARLY, false],
  ['a key that is not of this host', { keyId: 'other' }, 'A', 1, EARLY, false],
];
for (const [title, key, chainId, sequence, chainOpenedAt, counts] of keys) {
  test(`${title}: ${counts ? 'counts' : 'does not count'}`, () => {
    const check = () =>
      checkKey(
        { keyId: 'key', chainId, sequence },
        { keys: [{ ...inForce, ...key }], chainOpenedAt },
      );
    if (counts) check();
    else assert.throws(check, /does not count/);
  });
}

test.run();
