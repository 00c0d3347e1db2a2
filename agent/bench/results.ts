import { cellsOf } from './figures.ts';
import { isQuiet, type Machine, machineText } from './machine.ts';
import type { Failed, Row } from './row.ts';

/** `RESULTS.md`: the table, how it came about, what stands between each figure and its floor, how it could be unfair. */
export function resultsText(
  rows: readonly Row[],
  { when, machine, failed }: { when: Date; machine: Machine; failed: readonly Failed[] },
): string {
  const table = rows.map((row) => {
    const { ours, floor, ratio, peers, goal, setBy, met } = cellsOf(row);
    const cells = [row.name, row.unit, ours, floor, ratio, peers.join('<br>') || '–', goal, setBy];
    return line([...cells, met === 'NOT met' ? '**NOT met**' : met]);
  });
  const broken = failed.map(({ name, reason }) =>
    line([name, '', '', '', '', '', oneLine(reason), '', '**FAILED**']),
  );
  const busy = isQuiet(machine)
    ? ''
    : '\n**The machine was busy with other work during this run: these figures are to be taken again on a quiet one.**\n';
  const absent = machine.peers_left_out.join(', ');
  const peers = [
    `Debian’s packages: ${machine.peers.join(', ') || 'none was installed'}.`,
    ...(absent === '' ? [] : [`Left out, not installed: ${absent}.`]),
  ].join(' ');

  return `# Measured
${busy}
${goalsText(rows)}${failed.length === 0 ? '' : `; ${failed.length} measurements failed`}. Written by \`npm --prefix agent run bench -- --write\` on ${when.toISOString().slice(0, 10)}; nothing here is written by hand.

- **Machine**: ${machineText(machine)}.
- **Figures**: a median, ± half the distance between the quartiles. Ours, the floor and the peers are taken in turns in the
  same run. Ratios count, not seconds. Ours is rounded against us, floor and peers for them; whether a goal is met is judged
  before rounding.
- **Goals**: set for us by the issue that is named, or by ourselves where none asks for that figure.
- **Peers**: ${peers} Their policies are in \`agent/bench/peers/\`; a test breaks each control and expects each peer to see it.
- **Again**: as root on Debian, with nothing else running, \`npm --prefix agent run bench\` (missing peers are installed; without
  root they are left out and named); \`-- PART\` for some measurements, \`--json\` for a program, \`--write\` for this page.

| What | Unit | Ours | Floor | Ratio | Peers | Goal | Set by | |
|---|---|---|---|---|---|---|---|---|
${[...table, ...broken].join('\n')}

## What still stands between each figure and its floor

${rows.map((row) => `- **${row.name}** (${row.samples} samples; floor: ${row.floor_is}): ${row.remains}.${row.note === '' ? '' : ` ${oneLine(row.note)}.`}`).join('\n')}

## How each figure could be unfair

${rows.map((row) => `- **${row.name}**: ${row.unfair}.`).join('\n')}
${failed.length === 0 ? '' : `\n## Could not be measured\n\n${failed.map(({ name, reason }) => `- **${name}**: ${oneLine(reason)}`).join('\n')}\n`}`;
}

/** How many goals are met: those that were set for us, and our own. */
function goalsText(rows: readonly Row[]): string {
  const judged = rows.filter(({ met }) => met !== null);
  const count = (own: boolean) => {
    const goals = judged.filter(({ issue }) => (issue === undefined) === own);
    return `${goals.filter(({ met }) => met).length} of ${goals.length}`;
  };
  return `**${count(false)} goals that were set for us are met**, and ${count(true)} of our own`;
}

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`;

const oneLine = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ');
