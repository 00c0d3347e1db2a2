import { cpus, release, totalmem } from 'node:os';

/** One line of the scoreboard: medians, and half the distance between the quartiles as spread. */
export type Row = {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly spread: number;
  readonly floor: number;
  readonly floor_spread: number;
  readonly ratio: number;
  readonly floor_is: string;
  readonly peers: Readonly<Record<string, { median: number; spread: number }>>;
  readonly goal: string;
  readonly met: boolean;
  readonly remains: string;
  readonly samples: number;
  readonly note: string;
};

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gib: Math.round(totalmem() / 2 ** 30),
  kernel: release(),
  node: process.version,
});

export const figure = (value: number): string =>
  !Number.isFinite(value)
    ? '–'
    : value >= 1000
      ? Math.round(value).toLocaleString('en')
      : value.toPrecision(3);

/** `RESULTS.md`: the table, how it came about, and what stands between each figure and its floor. */
export function resultsText(
  rows: readonly Row[],
  { when, leftOut }: { when: Date; leftOut: readonly string[] },
): string {
  const { cpu, cores, memory_gib, kernel, node } = machine();
  const table = rows.map(
    (row) =>
      `| ${row.name} | ${row.unit} | ${figure(row.ours)} ± ${figure(row.spread)} | ${figure(row.floor)} ± ${figure(row.floor_spread)} | ${figure(row.ratio)} | ${peersText(row)} | ${row.goal} | ${row.met ? 'yes' : '**no**'} |`,
  );
  const notes = rows.map((row) => {
    const note = row.note === '' ? '' : ` ${row.note}.`;
    return `- **${row.name}** (${row.samples} samples; floor: ${row.floor_is}).${row.remains === '' ? '' : ` Remains: ${row.remains}.`}${note}`;
  });
  return `# Measured

Written by \`npm --prefix agent run bench -- --write\` on ${when.toISOString().slice(0, 10)}: ${cpu}, ${cores} cores, ${memory_gib} GiB, Linux ${kernel},
Node ${node}. Each figure is a median, ± half the distance between the quartiles; ours, the floor and the peers are taken in
turns in the same run. Ratios count, not seconds: the machine is a virtual one and shared. Peers are Debian's packages
(\`apt-get install cfengine3 time\`, policies in \`agent/bench/peers/\`) and are left out where they are missing. The
server's intake is measured by \`npm --prefix agent run load\`.

| What | Unit | Ours | Floor | Ratio | Peers | Goal | Met |
|---|---|---|---|---|---|---|---|
${table.join('\n')}

## What still stands between each figure and its floor

${notes.join('\n')}
${leftOut.length === 0 ? '' : `\n## Could not be measured\n\n${leftOut.map((one) => `- ${one}`).join('\n')}\n`}`;
}

export function peersText({ peers }: Pick<Row, 'peers'>): string {
  const told = Object.entries(peers).map(
    ([name, { median, spread }]) => `${name} ${figure(median)} ± ${figure(spread)}`,
  );
  return told.length === 0 ? '–' : told.join('; ');
}
