/**
 * On which side each hash of an audit path stands, from the leaf up (RFC 9162 section 2.1.3.2); null where a path of so
 * many hashes leads from this leaf to the root of no tree of this size. Whoever walks it hashes by its own means.
 */
export function auditSides({
  index,
  size,
  length,
}: {
  index: number;
  size: number;
  /** Hashes in the path. */
  length: number;
}): ('left' | 'right')[] | null {
  if (index < 0 || index >= size) return null;
  const sides: ('left' | 'right')[] = [];
  let [at, last] = [index, size - 1];
  while (sides.length < length) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      sides.push('left');
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else sides.push('right');
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? sides : null;
}
