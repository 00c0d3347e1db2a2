// Installs, builds and plays the demo; everything but its table goes to standard error.
import { join } from 'node:path';
import { install } from './install.mjs';
import { BUILD } from './paths.mjs';
import { run } from './run.mjs';

const toStandardError = { stdio: ['ignore', 2, 2] };
await install(toStandardError);
const [{ build }, { compile }] = await Promise.all([
  import('./build.mjs'),
  import('./compile.mjs'),
]);
await Promise.all([build(), compile(toStandardError)]);
delete process.env.NODE_EXTRA_CA_CERTS; // it alone costs 58 ms a start
await run(process.execPath, [
  '--enable-source-maps',
  join(BUILD, 'agent/demo/main.js'),
  ...process.argv.slice(2),
]).catch(() => (process.exitCode = 1));
