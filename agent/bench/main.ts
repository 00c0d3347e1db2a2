import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyPercent, describeMachine } from './machine.ts';
import { installPeers } from './peers/install.ts';
import { PEER_PACKAGES } from './peers/peers.ts';
import { REPOSITORY_BENCH, WORK } from './programs.ts';
import { resultsText } from './results.ts';
import type { Failed, Row } from './row.ts';
import { runPart } from './run-part.ts';
import { screenText } from './screen.ts';

/**
 * The scoreboard: `npm --prefix agent run bench [-- PART-OF-A-NAME…] [--json] [--write]`. One file a measurement;
 * `--write` also writes RESULTS.md. Exit code 1 where a measurement failed; a goal that is not met is no failure.
 */
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
/** Of a file of measurements; on a busy machine, or with more bundles, it may need more. */
const LIMIT_MS = Number(process.env.BENCH_LIMIT_S ?? 300) * 1000;
/** Before each file, to see what others take. */
const PAUSE_MS = 1500;

const begun = Date.now();
const seconds = () => `${((Date.now() - begun) / 1000).toFixed(0)} s`;
const files = readdirSync(new URL('./measurements/', import.meta.url))
  .filter((file) => file.endsWith('.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) throw new Error(`no measurement matches ${wanted.join(' ')}`);

const work = mkdtempSync(join(WORK, 'bench-'));
process.once('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
installPeers(PEER_PACKAGES);
const described = describeMachine({ folder: work, packages: PEER_PACKAGES });

const rows: Row[] = [];
const failed: Failed[] = [];
let busy = 0;
for (const file of files) {
  busy = Math.max(busy, await busyPercent(PAUSE_MS));
  process.stderr.write(`${seconds()}: ${file.replace('.js', '')} …\n`);
  const part = await runPart(`./measurements/${file}`, {
    limitMs: LIMIT_MS,
    env: { BENCH_WORK: work },
  });
  rows.push(...part.rows);
  failed.push(...part.failed);
}
const machine = { ...described, busy };
process.stderr.write(`done after ${seconds()}\n`);

if (flags.includes('--json')) console.log(JSON.stringify({ machine, rows, failed }, null, 2));
else console.log(screenText(rows, { machine, failed }));
if (flags.includes('--write'))
  writeFileSync(
    join(REPOSITORY_BENCH, 'RESULTS.md'),
    resultsText(rows, { when: new Date(), machine, failed }),
  );
for (const name of machine.peers_left_out) console.error(`peer left out, not installed: ${name}`);
if (failed.length > 0) {
  console.error(`failed: ${failed.map(({ name, reason }) => `${name} (${reason})`).join('; ')}`);
  process.exitCode = 1;
}
