// Installs, builds, compiles and runs one of the repository's own programs: node scripts/program.mjs PATH [ARGUMENT…]
import { join } from 'node:path';
import { install } from './install.mjs';
import { BUILD } from './paths.mjs';
import { run } from './run.mjs';

const [path, ...args] = process.argv.slice(2);
await install();
const [{ build }, { compile }] = await Promise.all([
  import('./build.mjs'),
  import('./compile.mjs'),
]);
await Promise.all([build(), compile()]);
delete process.env.NODE_EXTRA_CA_CERTS; // it alone costs 58 ms a start
try {
  await run(process.execPath, ['--enable-source-maps', join(BUILD, path), ...args]);
} catch {
  process.exitCode = 1;
}
