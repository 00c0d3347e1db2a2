import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY } from '../support/suite.ts';

const AGENT = join(REPOSITORY, 'agent');

/** A copy of `agent/` in another folder, bundled there; path to SHA-256 of every file of its `dist/`. */
function bundleIn(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  for (const part of ['src', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(join(AGENT, part), join(folder, part), { recursive: true });
  // Hard links: a symbolic link would lead esbuild back to the one real folder.
  execFileSync('cp', ['-al', join(AGENT, 'node_modules'), join(folder, 'node_modules')]);
  execFileSync(process.execPath, [join(folder, 'scripts', 'build.mjs')]);
  const dist = join(folder, 'dist');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(dist.length), sha256(path)]),
  );
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('two builds of the bundled programs in different folders at different times are byte-identical', () => {
  mkdirSync(join(AGENT, '.cache'), { recursive: true }); // the file system of node_modules, for the links
  const cache = mkdtempSync(join(AGENT, '.cache', 'bundle-'));
  try {
    const one = bundleIn(join(cache, 'one'));
    const other = bundleIn(join(cache, 'quite', 'another', 'folder'));
    assert.ok(Object.keys(one).length > 3, 'programs and their chunks were built');
    assert.equal(other, one);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test.run();
