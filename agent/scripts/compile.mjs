// Type-checks everything and compiles it file by file into .build/, which keeps the repository's shape, so that
// `tests/` finds its libraries in `agent/node_modules`.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGENT, BUILD } from './paths.mjs';
import { run } from './run.mjs';

export async function compile(options = {}) {
  rmSync(BUILD, { recursive: true, force: true });
  const tsc = (project) =>
    run(join(AGENT, 'node_modules/.bin/tsc'), ['--project', project], { cwd: AGENT, ...options });
  await Promise.all([AGENT, join(AGENT, 'src/server/views/browser')].map(tsc));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await compile();
