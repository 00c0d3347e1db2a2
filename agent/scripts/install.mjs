// Installs the locked packages where they are missing or the lock has changed. Needs nothing but Node and npm.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGENT } from './paths.mjs';
import { run } from './run.mjs';

/** Included before the sources of better-sqlite3. */
const OBJECT_WRAP = join(AGENT, 'scripts', 'object-wrap.h');
const STAMP = join(AGENT, 'node_modules', '.installed-from');

export async function install(options = {}) {
  if (process.env.COMPLIANCE_PACKAGES === 'in-place') return; // another builder, as Nix, has put them there
  const stamp = createHash('sha256')
    .update(readFileSync(join(AGENT, 'package-lock.json')))
    .update(readFileSync(OBJECT_WRAP))
    .update(process.versions.modules)
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  console.log(
    `Installing the locked packages; better-sqlite3 is compiled here, on ${cpus().length} cores: one to three minutes …`,
  );
  // Its prebuilt binary is no npm package: compile at once instead of trying to download it.
  const env = {
    ...process.env,
    JOBS: String(cpus().length),
    npm_config_build_from_source: 'true',
    npm_config_loglevel: 'error',
    CXXFLAGS: `${process.env.CXXFLAGS ?? ''} -include '${OBJECT_WRAP}'`,
  };
  await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: AGENT, env, ...options });
  writeFileSync(STAMP, stamp);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await install();
