// Makes the manual pages from the programs' own commands and settings, so that they say what --help says.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';
import { AGENT } from './paths.mjs';

/** Writes `dist/man/man8/*.8`. `options` are those that the programs' entries are bundled with. */
export async function writeManuals(options) {
  const folder = join(AGENT, 'dist/man/man8');
  const pages = join(folder, 'pages.mjs');
  mkdirSync(folder, { recursive: true });
  await bundle({
    ...options,
    entryPoints: ['scripts/manual-pages.mjs'],
    outfile: pages,
    format: 'esm',
  });
  const { manuals } = await import(`${pathToFileURL(pages).href}?at=${process.hrtime.bigint()}`);
  for (const [name, page] of Object.entries(manuals)) writeFileSync(join(folder, name), page);
  rmSync(pages);
}
