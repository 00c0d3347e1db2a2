/**
 * A plain table: no lines, columns two spaces apart, so that it may be cut and searched. By hand, since a page of fifty
 * bundles costs cli-table3 as much CPU as the start of Node.
 */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    lines.reduce((most, cells) => Math.max(most, widthOf(cells[column] ?? '')), 0),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd();
  return lines.map(line).join('\n');
}

/** Colour takes no room (ECMA-48, SGR). */
const COLOUR = /\u001b\[[0-9;]*m/g;

const widthOf = (cell: string) => cell.replace(COLOUR, '').length;
