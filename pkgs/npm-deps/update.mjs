// Fetches what agent/package-lock.json locks and writes the hash of that folder into hash.json.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchLocked } from './fetch.mjs';
import { lockDigest, lockedPackages } from './lock.mjs';
import { narHash } from './nar.mjs';

const lockFile = fileURLToPath(new URL('../../agent/package-lock.json', import.meta.url));
const packages = lockedPackages(JSON.parse(readFileSync(lockFile, 'utf8')));
const folder = mkdtempSync(join(tmpdir(), 'npm-deps-'));
try {
  console.log(`Fetching ${packages.length} packages …`);
  await fetchLocked({ lockFile, folder });
  const recorded = { nar: narHash(folder), lock: lockDigest(packages) };
  const file = fileURLToPath(new URL('hash.json', import.meta.url));
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  console.log(recorded.nar);
} finally {
  rmSync(folder, { recursive: true });
}
