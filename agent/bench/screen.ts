import Table from 'cli-table3';
import { cellsOf } from './figures.ts';
import { type Machine, machineText } from './machine.ts';
import type { Failed, Row } from './row.ts';

/** The scoreboard for a terminal. */
export function screenText(
  rows: readonly Row[],
  { machine, failed }: { machine: Machine; failed: readonly Failed[] },
): string {
  const table = new Table({
    head: ['what', 'unit', 'ours', 'floor', 'ratio', 'peers', 'goal', 'set by', ''],
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    const { ours, floor, ratio, peers, goal, setBy, met } = cellsOf(row);
    table.push([row.name, row.unit, ours, floor, ratio, peers.join('\n') || '–', goal, setBy, met]);
  }
  for (const { name, reason } of failed)
    table.push([name, { colSpan: 7, content: reason }, 'FAILED']);
  const notes = rows.map(
    ({ name, floor_is, note }) => `${name}: floor is ${floor_is}.${note === '' ? '' : ` ${note}.`}`,
  );
  return [table.toString(), ...notes, machineText(machine)].join('\n');
}
