// node fetch.mjs LOCK FOLDER: every package of the lock, of all systems, as the tarball that its registry serves.
// npm itself fetches, so its own configuration says from where; what it brings must have the lock's integrity.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { lockedPackages } from './lock.mjs';

const AT_ONCE = 8; // npm processes
const EACH = 16; // packages that one of them fetches

export async function fetchLocked({ lockFile, folder }) {
  mkdirSync(folder, { recursive: true });
  const waiting = lockedPackages(JSON.parse(readFileSync(lockFile, 'utf8')));
  const work = async () => {
    while (waiting.length > 0) await fetchSome(waiting.splice(0, EACH), folder);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function fetchSome(packages, folder) {
  const arrived = mkdtempSync(join(folder, '.arriving-'));
  const specs = packages.map(({ spec }) => spec);
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', arrived, ...specs];
  await promisify(execFile)('npm', args, { maxBuffer: 1 << 26 });
  const found = new Map(
    readdirSync(arrived).map((name) => [integrityOf(join(arrived, name)), join(arrived, name)]),
  );
  for (const { spec, file, integrity } of packages) {
    const from = found.get(integrity);
    if (from === undefined) throw new Error(`${spec} did not arrive with the lock's ${integrity}`);
    renameSync(from, join(folder, file));
  }
  rmSync(arrived, { recursive: true });
}

const integrityOf = (path) =>
  `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [lockFile, folder] = process.argv.slice(2);
  await fetchLocked({ lockFile, folder });
}
