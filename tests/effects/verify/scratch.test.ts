import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  inOrder,
  itemsIn,
  runsOf,
  type Seen,
  seenOf,
  textOf,
} from '../../../agent/src/effects/verify/runs.ts';
import { openScratch } from '../../../agent/src/effects/verify/scratch.ts';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';

/** A bundle of a chain, as verification sees it. `copy` tells those of one number apart. */
function seen(chain: number, sequence: number, { copy = 0, ended = sequence } = {}): Seen {
  const sha256 = sha256Hex(`${chain} ${sequence} ${copy}`);
  const row = {
    ...{ bundle_id: sha256.slice(0, 8), sha256, chain_id: `chain ${chain}`, sequence },
    ...{ previous_digest: sha256Hex(''), key_id: 'key', check_id: 'firewall', outcome: 'alert' },
    ...{ order_id: null, started_at: ended, ended_at: ended, size: 1380, receipted: 0 as const },
  };
  return { name: `2026/11/22/${sha256}`, event: null, row };
}

/** Chains by when they began, each in order: told in the plainest way. */
function sorted(all: readonly Seen[]): Seen[] {
  const began = (chain: string) =>
    Math.min(...all.filter(({ row }) => row.chain_id === chain).map(({ row }) => row.ended_at));
  const chains = [...new Set(all.map(({ row }) => row.chain_id))];
  chains.sort((a, b) => began(a) - began(b) || (a < b ? -1 : 1));
  return chains.flatMap((chain) => all.filter(({ row }) => row.chain_id === chain).sort(inOrder));
}

function ordered(batches: readonly (readonly Seen[])[], most?: number): Seen[] {
  const scratch = openScratch(most);
  try {
    for (const batch of batches) for (const run of runsOf(batch)) scratch.add(run);
    return [...scratch.inChainOrder()];
  } finally {
    scratch.close();
  }
}

const bundle = fc
  .tuple(fc.nat(2), fc.integer({ min: 1, max: 30 }), fc.nat(1), fc.nat(50))
  .map(([chain, sequence, copy, ended]) => seen(chain, sequence, { copy, ended }));
const bundles = fc.uniqueArray(bundle, { selector: ({ name }) => name, maxLength: 60 });

for (const most of [1, 7, 1000])
  test(`whatever comes in whichever batches is in order, with ${most} in memory`, () => {
    fc.assert(
      fc.property(bundles, fc.integer({ min: 1, max: 9 }), (all, size) => {
        const batches: Seen[][] = [];
        for (let at = 0; at < all.length; at += size) batches.push(all.slice(at, at + size));
        assert.equal(ordered(batches, most), sorted(all));
      }),
      { numRuns: 200 },
    );
  });

test('what is told as text is the same when it is read', () => {
  const all = [seen(1, 1), seen(1, 2, { copy: 1 })];
  assert.equal(itemsIn(textOf(all)).map(seenOf), all);
});

test.run();
