// What a package-lock.json says must be fetched: real name and version of every locked path, and its integrity.
import { createHash } from 'node:crypto';

/**
 * Each package once, sorted by file name: `{ spec, file, integrity }`. An alias is locked under another path than its
 * own name, so the name is the entry's `name` where it has one. `file` is what `default.nix` computes too.
 */
export function lockedPackages(lock) {
  const packages = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '') continue; // this package itself
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (!entry.integrity?.startsWith('sha512-')) throw new Error(`${path} has no sha512 integrity`);
    const spec = `${name}@${entry.version}`;
    const known = packages.get(spec);
    if (known !== undefined && known.integrity !== entry.integrity)
      throw new Error(`${spec} is locked with two integrities`);
    packages.set(spec, { spec, file: fileName(name, entry.version), integrity: entry.integrity });
  }
  return [...packages.values()].sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** `@scope/name` 1.2.3 → `@scope+name-1.2.3.tgz`: no package's name has a `+`, so no two share a file. */
const fileName = (name, version) => `${name.replace('/', '+')}-${version}.tgz`;

/** SHA-256 over what the folder holds, to tell without a network whether a recorded hash belongs to this lock. */
export function lockDigest(packages) {
  const lines = packages.map(({ file, integrity }) => `${file} ${integrity}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
