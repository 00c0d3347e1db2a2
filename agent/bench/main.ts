import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import Table from 'cli-table3';
import type { Measurement } from './measurement.ts';
import { median, spread } from './statistics.ts';

/** The scoreboard: `npm --prefix agent run bench [-- PART-OF-A-NAME] [--json]`. One file a measurement. */
const folder = new URL('./measurements/', import.meta.url);
const json = process.argv.includes('--json');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

const rows = [];
for (const file of readdirSync(folder).sort()) {
  if (!file.endsWith('.js') || !wanted.every((part) => file.includes(part))) continue;
  const module: Record<string, Measurement> = await import(new URL(file, folder).href);
  for (const measurement of Object.values(module)) {
    process.stderr.write(`${measurement.name} …\n`);
    const { ours, floor, note = '' } = await measurement.measure();
    const medians = { ours: median(ours), floor: median(floor) };
    rows.push({
      name: measurement.name,
      unit: measurement.unit,
      ours: medians.ours,
      spread: spread(ours),
      floor: medians.floor,
      floor_spread: spread(floor),
      ratio: medians.ours / medians.floor,
      floor_is: measurement.floor,
      goal: measurement.goal,
      met: measurement.meets(medians),
      samples: ours.length,
      note,
    });
  }
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gib: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
if (json) console.log(JSON.stringify({ machine, rows }, null, 2));
else {
  const figure = (value: number) => (Number.isFinite(value) ? value.toPrecision(3) : '–');
  const table = new Table({
    head: ['what', 'unit', 'ours', '±', 'floor', '±', 'ratio', 'floor is', 'goal', 'met'],
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
      row.floor_is,
      row.goal,
      row.met ? 'yes' : 'NO',
    ]);
  }
  console.log(table.toString());
  for (const row of rows) if (row.note !== '') console.log(`${row.name}: ${row.note}`);
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB, Node ${machine.node}`,
  );
}
if (rows.length === 0) {
  console.error('no measurement matches');
  process.exitCode = 1;
}
