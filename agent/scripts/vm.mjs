// Installs, builds and plays vm-tests on Debian: node scripts/vm.mjs PROGRAM.py [ARGUMENT…]
import { join } from 'node:path';
import { install } from './install.mjs';
import { REPOSITORY } from './paths.mjs';
import { run } from './run.mjs';

const [program, ...args] = process.argv.slice(2);
await install();
const { build } = await import('./build.mjs');
await build();
delete process.env.NODE_EXTRA_CA_CERTS; // it alone costs 58 ms a start
try {
  await run('python3', ['-B', join(REPOSITORY, 'vm-tests/driver', program), ...args]);
} catch {
  process.exitCode = 1;
}
