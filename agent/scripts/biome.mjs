// The formatter and linter: node scripts/biome.mjs check [--write]. Its binary is a locked package of this system's own.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGENT, REPOSITORY } from './paths.mjs';
import { run } from './run.mjs';

export function biome(args) {
  const binary = join(AGENT, `node_modules/@biomejs/cli-linux-${process.arch}/biome`);
  return run(binary, args, { cwd: REPOSITORY });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await biome(process.argv.slice(2)).catch(() => (process.exitCode = 1));
}
