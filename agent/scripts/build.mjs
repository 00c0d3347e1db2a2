// Bundles the two programs into dist/: a light entry each, and what only some commands need in chunks that they load.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as bundle } from 'esbuild';
import { AGENT } from './paths.mjs';

export async function build() {
  const { version } = JSON.parse(readFileSync(join(AGENT, 'package.json'), 'utf8'));
  rmSync(join(AGENT, 'dist'), { recursive: true, force: true });
  await bundle({
    absWorkingDir: AGENT, // output names relative paths only: the same bytes in any folder
    entryPoints: {
      'compliance-agent': 'src/agent/cli/main.ts',
      'compliance-server': 'src/server/cli/main.ts',
    },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.18',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    external: ['better-sqlite3'], // has a compiled part of its own
    define: { __VERSION__: JSON.stringify(version) },
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await build();
