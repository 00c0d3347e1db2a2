import { createHash } from 'node:crypto';
import { auditSides } from './audit-path.ts';

/** A complete subtree: 2^level leaves from leaf index × 2^level on. Only these are ever stored; they never change. */
export type Coordinate = { readonly level: number; readonly index: number };
/** Leaves from `start` up to and without `end`; its hash is that of RFC 6962 over just those. */
export type Range = { readonly start: number; readonly end: number };
/** Gives the hash of a stored subtree. */
export type ReadNode = (at: Coordinate) => Uint8Array;

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

/** RFC 6962 section 2.1: leaves and nodes are hashed apart, so that neither passes for the other. */
export const leafHash = (data: Uint8Array): Buffer => sha256(LEAF, data);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(NODE, left, right);

/** The largest power of two below `n`, for n > 1: where RFC 6962 splits n leaves. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The stored subtrees that make up a range of a proof or tree, left to right. Such ranges are always aligned. */
export function coordinatesOf({ start, end }: Range): Coordinate[] {
  const found: Coordinate[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level += 1;
    }
    found.push({ level, index: at / width });
    at += width;
  }
  return found;
}

/** MTH of a range (RFC 6962 section 2.1); of no leaves the hash of nothing. */
export function rangeHash(range: Range, read: ReadNode): Uint8Array {
  const [last, ...before] = coordinatesOf(range).map(read).reverse();
  if (last === undefined) return sha256();
  return before.reduce((right, left) => nodeHash(left, right), last);
}

/** PATH(index, D[size]) of RFC 6962 section 2.1.1, from the leaf up: the ranges whose hashes make the audit path. */
export function inclusionRanges(index: number, size: number): Range[] {
  const down = (start: number, end: number): Range[] => {
    if (end - start <= 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...down(start, middle), { start: middle, end }]
      : [...down(middle, end), { start, end: middle }];
  };
  return down(0, size);
}

/** PROOF(first, D[size]) of RFC 6962 section 2.1.2; none is needed from nothing, nor from the same size. */
export function consistencyRanges(first: number, size: number): Range[] {
  const down = (start: number, end: number, whole: boolean): Range[] => {
    if (end === first) return whole ? [] : [{ start, end }];
    const middle = start + splitOf(end - start);
    return first <= middle
      ? [...down(start, middle, whole), { start: middle, end }]
      : [...down(middle, end, false), { start, end: middle }];
  };
  return first === 0 || first === size ? [] : down(0, size, true);
}

/** The subtrees that become complete when leaf hashes are appended to a log of `size` leaves. */
export function grow({
  size,
  leaves,
  read,
}: {
  size: number;
  leaves: readonly Uint8Array[];
  /** Asked only for the right edge: `coordinatesOf({ start: 0, end: size })`. */
  read: ReadNode;
}): (Coordinate & { readonly hash: Uint8Array })[] {
  const grown: (Coordinate & { hash: Uint8Array })[] = [];
  const edge = coordinatesOf({ start: 0, end: size }).map((at) => ({ ...at, hash: read(at) }));
  for (const [offset, leaf] of leaves.entries()) {
    let node = { level: 0, index: size + offset, hash: leaf };
    grown.push(node);
    while (node.index % 2 === 1) {
      const left = edge.pop();
      if (left === undefined) throw new RangeError('the right edge of the log is not whole');
      const hash = nodeHash(left.hash, node.hash);
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash };
      grown.push(node);
    }
    edge.push(node);
  }
  return grown;
}

/** Whether an audit path leads from a leaf to a root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({
  leaf,
  index,
  size,
  path,
  root,
}: {
  /** Hash of the leaf. */
  leaf: Uint8Array;
  index: number;
  size: number;
  path: readonly Uint8Array[];
  root: Uint8Array;
}): boolean {
  const sides = auditSides({ index, size, length: path.length });
  const hash = path.reduce(
    (below, sibling, at) =>
      sides?.[at] === 'left' ? nodeHash(sibling, below) : nodeHash(below, sibling),
    leaf,
  );
  return sides !== null && Buffer.compare(hash, root) === 0;
}

/** A tree as a checkpoint states it. */
export type Tree = { readonly size: number; readonly root: Uint8Array };

/** Whether a log of one state only grew to be the other: nothing before was changed (RFC 9162 section 2.1.4.2). */
export function verifyConsistency({
  first,
  second,
  path,
}: {
  first: Tree;
  second: Tree;
  path: readonly Uint8Array[];
}): boolean {
  const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
  if (first.size > second.size) return false;
  if (first.size === second.size) return path.length === 0 && same(first.root, second.root);
  if (first.size === 0) return path.length === 0 && same(first.root, sha256());
  let [at, last] = [first.size - 1, second.size - 1];
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  // A first tree that is one complete subtree begins the path by itself.
  const [start, ...rest] = at === 0 ? [first.root, ...path] : path;
  if (start === undefined) return false;
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [older, newer] = [nodeHash(sibling, older), nodeHash(sibling, newer)];
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else newer = nodeHash(newer, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(older, first.root) && same(newer, second.root);
}
