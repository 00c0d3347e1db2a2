import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { Measurement } from './measurement.ts';
import { REPOSITORY_BENCH } from './programs.ts';
import { figure, machine, peersText, type Row, resultsText } from './results.ts';
import { median, spread } from './statistics.ts';

/**
 * The scoreboard: `npm --prefix agent run bench [-- PART-OF-A-NAME…] [--json] [--write]`. One file a measurement;
 * `--write` also writes RESULTS.md.
 */
const folder = new URL('./measurements/', import.meta.url);
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

const rows: Row[] = [];
const leftOut: string[] = [];
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith('.js') || !(wanted.length === 0 || wanted.some((part) => file.includes(part))))
    continue;
  const module: Record<string, Measurement> = await import(new URL(file, folder).href);
  for (const measurement of Object.values(module)) {
    try {
      rows.push(await measure(measurement));
    } catch (error) {
      console.error(error);
      leftOut.push(`${measurement.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function measure({ measure, ...measurement }: Measurement): Promise<Row> {
  const begun = Date.now();
  process.stderr.write(`${measurement.name} …`);
  const { ours, floor, peers = {}, note = '' } = await measure();
  process.stderr.write(` ${((Date.now() - begun) / 1000).toFixed(0)} s\n`);
  const medians = { ours: median(ours), floor: median(floor) };
  const others = Object.entries(peers).map(
    ([name, figures]) => [name, { median: median(figures), spread: spread(figures) }] as const,
  );
  const told = Object.fromEntries(others);
  return {
    name: measurement.name,
    unit: measurement.unit,
    ours: medians.ours,
    spread: spread(ours),
    floor: medians.floor,
    floor_spread: spread(floor),
    ratio: medians.ours / medians.floor,
    floor_is: measurement.floor,
    peers: told,
    goal: measurement.goal,
    met: measurement.meets({
      ...medians,
      peers: Object.fromEntries(others.map(([name, figures]) => [name, figures.median])),
    }),
    remains: measurement.remains ?? '',
    samples: ours.length,
    note,
  };
}

if (flags.includes('--json')) console.log(JSON.stringify({ machine: machine(), rows }, null, 2));
else {
  const table = new Table({
    head: ['what', 'unit', 'ours', '±', 'floor', '±', 'ratio', 'peers', 'goal', 'met'],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.name,
      row.unit,
      figure(row.ours),
      figure(row.spread),
      figure(row.floor),
      figure(row.floor_spread),
      figure(row.ratio),
      peersText(row),
      row.goal,
      row.met ? 'yes' : 'NO',
    ]);
  }
  console.log(table.toString());
  for (const row of rows)
    console.log(`${row.name}: floor is ${row.floor_is}.${row.note === '' ? '' : ` ${row.note}`}`);
  const { cpu, cores, memory_gib, kernel, node } = machine();
  console.log(`${cpu}, ${cores} cores, ${memory_gib} GiB, Linux ${kernel}, Node ${node}`);
}
if (flags.includes('--write'))
  writeFileSync(
    join(REPOSITORY_BENCH, 'RESULTS.md'),
    resultsText(rows, { when: new Date(), leftOut }),
  );
if (rows.length === 0 || leftOut.length > 0) {
  console.error(
    leftOut.length > 0 ? `not measured: ${leftOut.join('; ')}` : 'no measurement matches',
  );
  process.exitCode = 1;
}
