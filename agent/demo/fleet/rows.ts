import { type Row, renderTable } from '../report.ts';

export const say = (text: string) => process.stderr.write(`${text}\n`);

/** Collects rows, and says each as it comes. */
export function rowsShown(): { readonly rows: Row[]; readonly show: (row: Row) => void } {
  const rows: Row[] = [];
  return {
    rows,
    show(row) {
      rows.push(row);
      const took = row.seconds.toFixed(1);
      say(`${row.ok ? '✓' : '✗'} ${row.control}: ${row.what}: ${row.seen} (${took} s)`);
    },
  };
}

/** Prints the table and sets the exit code; gives whether everything was as expected. */
export function finish(rows: readonly Row[], { json }: { json: boolean }): boolean {
  console.log(json ? JSON.stringify(rows, null, 2) : renderTable(rows));
  const ok = rows.length > 0 && rows.every((row) => row.ok);
  process.exitCode = ok ? 0 : 1;
  return ok;
}
