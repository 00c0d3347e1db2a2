import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Coordinate,
  consistencyRanges,
  grow,
  inclusionRanges,
  leafHash,
  rangeHash,
  verifyConsistency,
  verifyInclusion,
} from '../../agent/src/core/merkle.ts';

const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const data = (index: number) => Buffer.from(`leaf ${index}`);
const leaves = (count: number) =>
  Array.from({ length: count }, (_, index) => leafHash(data(index)));

/** The definition of RFC 6962 section 2.1, word by word. */
function definition(entries: readonly Uint8Array[]): Buffer {
  const [only] = entries;
  if (only === undefined) return hash();
  if (entries.length === 1) return hash(Buffer.from([0]), only);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return hash(Buffer.from([1]), definition(left), definition(right));
}

/** A log that was grown in steps of the given sizes. */
function grown(steps: readonly number[]) {
  const nodes = new Map<string, Uint8Array>();
  const name = ({ level, index }: Coordinate) => `${level}/${index}`;
  const read = (at: Coordinate): Uint8Array => {
    const found = nodes.get(name(at));
    if (found === undefined) throw new Error(`no node ${name(at)}`);
    return found;
  };
  let size = 0;
  for (const step of steps) {
    const added = leaves(size + step).slice(size);
    for (const node of grow({ size, leaves: added, read })) {
      assert.is(nodes.has(name(node)), false, 'a node is made once');
      nodes.set(name(node), node.hash);
    }
    size += step;
  }
  const root = (end = size) => rangeHash({ start: 0, end }, read);
  return { size, read, root };
}

// Google's certificate-transparency test vectors: roots of the first n of eight entries.
const VECTORS: [entry: string, root: string][] = [
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [
    '606162636465666768696a6b6c6d6e6f',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
];

test('roots are those of the published vectors', () => {
  const entries = VECTORS.map(([entry]) => leafHash(Buffer.from(entry, 'hex')));
  const nodes = grow({ size: 0, leaves: entries, read: () => new Uint8Array() });
  const read = ({ level, index }: Coordinate) =>
    nodes.find((node) => node.level === level && node.index === index)?.hash ?? new Uint8Array();
  assert.equal(
    VECTORS.map((_, index) =>
      Buffer.from(rangeHash({ start: 0, end: index + 1 }, read)).toString('hex'),
    ),
    VECTORS.map(([, root]) => root),
  );
});

test('however a log grew, its root is that of the definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }), (steps) => {
      const log = grown(steps);
      const entries = Array.from({ length: log.size }, (_, index) => data(index));
      assert.equal(Buffer.from(log.root()), definition(entries));
    }),
  );
});

/** Flips one bit somewhere in a list of hashes. */
const altered = (path: readonly Uint8Array[], at: number) =>
  path.map((step, index) => {
    if (index !== at % path.length) return step;
    const copy = Buffer.from(step);
    copy[at % 32] = (copy[at % 32] ?? 0) ^ 1;
    return copy;
  });

test('every leaf is proved in every tree, and nothing else is', () => {
  const log = grown([40]);
  for (let size = 1; size <= log.size; size += 1) {
    const root = log.root(size);
    for (let index = 0; index < size; index += 1) {
      const path = inclusionRanges(index, size).map((range) => rangeHash(range, log.read));
      const claim = { leaf: leafHash(data(index)), index, size, path, root };
      assert.ok(verifyInclusion(claim), `${index} of ${size}`);
      const lies = [
        { ...claim, leaf: leafHash(Buffer.from('another')) },
        { ...claim, index: index + 1 },
        { ...claim, index: size },
        { ...claim, root: log.root(size - 1) },
        { ...claim, path: [...path, root] },
        ...(size > 1 ? [{ ...claim, path: path.slice(1) }] : []),
        ...(size > 1 ? [{ ...claim, path: altered(path, index) }] : []),
      ];
      for (const [at, lie] of lies.entries()) {
        assert.not(verifyInclusion(lie), `lie ${at} about ${index} of ${size}`);
      }
    }
  }
});

test('every earlier tree is consistent with every later one, and no other is', () => {
  const log = grown([40]);
  for (let size = 0; size <= log.size; size += 1) {
    const second = { size, root: log.root(size) };
    for (let earlier = 0; earlier <= size; earlier += 1) {
      const path = consistencyRanges(earlier, size).map((range) => rangeHash(range, log.read));
      const first = { size: earlier, root: log.root(earlier) };
      assert.ok(verifyConsistency({ first, second, path }), `${earlier} to ${size}`);
      const other = hash(Buffer.from('another'));
      const lies = [
        { first: { ...first, root: other }, second, path },
        // From nothing everything grows: then only the path itself can lie.
        ...(earlier > 0 ? [{ first, second: { ...second, root: other }, path }] : []),
        { first, second, path: [...path, other] },
        ...(path.length > 0 ? [{ first, second, path: altered(path, earlier) }] : []),
        ...(path.length > 0 ? [{ first, second, path: path.slice(1) }] : []),
      ];
      for (const [at, lie] of lies.entries()) {
        assert.not(verifyConsistency(lie), `lie ${at} about ${earlier} to ${size}`);
      }
    }
  }
});

test.run();
