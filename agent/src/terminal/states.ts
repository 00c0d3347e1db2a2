import Table from 'cli-table3';
import pico from 'picocolors';
import { describeFailure } from '../wire/failure.ts';
import type { CheckState, Verdict } from '../wire/verdict.ts';

const PAINT: Record<Verdict, (text: string) => string> = {
  compliant: pico.green,
  drifted: pico.red,
  unknown: pico.yellow,
  notApplicable: pico.dim,
};

/** Verdicts and what was found, for people. Colour only on a terminal, and never against NO_COLOR (picocolors). */
export function statesTable(states: readonly CheckState[]): string {
  const table = new Table({
    head: ['check', 'verdict', 'severity', 'what was found'],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, null, null, Math.max(30, (process.stdout.columns ?? 100) - 45)],
  });
  for (const state of states) {
    const { check, verdict, severity } = state;
    table.push([check, PAINT[verdict](verdict), severity ?? '', found(state).join('\n')]);
  }
  return table.toString();
}

function found({ findings, error }: CheckState): string[] {
  if (error !== null) return [`could not look: ${describeFailure(error)}`];
  return findings.map(({ message, exception }) =>
    exception === null ? message : `${message} (exception ${exception})`,
  );
}
