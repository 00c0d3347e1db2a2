// npm test [-- PART-OF-A-PATH …]: installs, type-checks, lints, builds and runs every suite, a process each.
// Guards what uvu lets pass: a suite that never ran, a pattern that matches nothing, a test file without a test.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { install } from './install.mjs';
import { AGENT, BUILD } from './paths.mjs';

/** A suite that hangs is killed. Evaluating NixOS hosts takes seconds each, and there are dozens. */
const LIMIT_MS = process.env.COMPLIANCE_NIXPKGS === undefined ? 170_000 : 1_200_000;
/** Suites that take many seconds begin first, so that none of them is left running alone at the end. */
const SLOW = [
  'agent/privacy',
  'server/views/browser',
  'agent/daemon',
  'effects/backup/',
  'server/cli',
  'effects/firewall-restore',
  'bench/peers',
];

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const quick = process.argv.includes('--no-lint');
const started = Date.now();
delete process.env.NODE_EXTRA_CA_CERTS;

await install();
const [{ build }, { compile }] = await Promise.all([
  import('./build.mjs'),
  import('./compile.mjs'),
]);
let broken = 0;
const step = (name, work) =>
  work().catch((error) => {
    broken += 1;
    console.error(`${name}: ${error.message}`);
  });
await step('type check', compile);
await step('build', build);
if (!quick) {
  const { biome } = await import('./biome.mjs');
  await step('lint', () => biome(['check', '--error-on-warnings']));
}

const folder = join(BUILD, 'tests');
const files = readdirSync(folder, { recursive: true })
  .filter(
    (path) =>
      path.endsWith('.test.js') &&
      (wanted.length === 0 || wanted.some((part) => path.includes(part))),
  )
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
const totals = { passed: 0, failed: 0, skipped: 0 };
const queue = [...files];
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));

if (files.length === 0) console.error(`no test file matches ${wanted.join(' ')}`);
totals.failed += broken;
if (totals.passed + totals.failed + totals.skipped === 0) console.error('no test ran');
console.log(`\n${files.length} files, ${((Date.now() - started) / 1000).toFixed(1)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

function rank(file) {
  const place = SLOW.findIndex((part) => file.startsWith(part));
  return place === -1 ? SLOW.length : place;
}

async function work() {
  for (let file = queue.shift(); file !== undefined; file = queue.shift())
    report(file, await suite(file));
}

/** Runs one compiled test file and reads uvu's closing counts. */
function suite(file) {
  const begun = Date.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', join(folder, file)], {
      cwd: AGENT,
      env: { ...process.env, FORCE_COLOR: '0', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => (output += part));
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    child.once('close', (code, signal) => {
      clearTimeout(limit);
      const count = (name) =>
        [...output.matchAll(new RegExp(`^  ${name}:\\s+(\\d+)`, 'gm'))].reduce(
          (sum, found) => sum + Number(found[1]),
          0,
        );
      resolve({
        code,
        signal,
        output,
        seconds: ((Date.now() - begun) / 1000).toFixed(1),
        total: count('Total'),
        passed: count('Passed'),
        skipped: count('Skipped'),
      });
    });
  });
}

function report(file, { code, signal, output, seconds, total, passed, skipped }) {
  const failed = total - passed;
  const silent = total + skipped === 0;
  const wrong = failed > 0 || code !== 0 || silent;
  totals.passed += passed;
  totals.skipped += skipped;
  totals.failed += wrong ? Math.max(1, failed) : 0;
  for (const line of output.matchAll(/^skipped: .*$/gm)) console.log(`${file}: ${line[0]}`);
  if (!wrong)
    return console.log(
      `ok   ${file} (${passed}${skipped > 0 ? `, ${skipped} skipped` : ''}; ${seconds} s)`,
    );
  const reason = signal
    ? ` (killed after ${seconds} s: ${signal})`
    : silent
      ? ' (no test ran: is .run() missing?)'
      : '';
  console.log(`FAIL ${relative('.', file)}${reason}\n${output}`);
}
