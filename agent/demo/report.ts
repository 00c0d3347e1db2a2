import Table from 'cli-table3';
import pico from 'picocolors';

/** One thing that the demo set out to show, and whether it happened. */
export type Row = {
  readonly control: string;
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly real: string;
  readonly simulated: string;
};

/** The table at the end; `simulated` stands in every row that it is true of. */
export function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ['', 'control', 'what happened to it', 'seen', 's', 'real', 'simulated'],
    style: { head: [], border: [] },
    colWidths: [4, 12, 32, 38, 6, 30, 24],
    wordWrap: true,
  });
  for (const row of rows) {
    const mark = row.ok ? pico.green('✓') : pico.red('✗');
    table.push([
      mark,
      row.control,
      row.what,
      row.seen,
      row.seconds.toFixed(1),
      row.real,
      row.simulated || '–',
    ]);
  }
  return table.toString();
}
