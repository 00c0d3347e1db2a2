import type { createColors } from 'picocolors';
import type { Severity, Verdict } from '../wire/verdict.ts';

export type Colours = ReturnType<typeof createColors>;

/** How a verdict looks; the sign says the same as the colour. */
const SIGNS = {
  compliant: { sign: '✓', paint: 'green' },
  drifted: { sign: '✗', paint: 'red' },
  unknown: { sign: '?', paint: 'yellow' },
  notApplicable: { sign: '–', paint: 'dim' },
} as const satisfies Record<Verdict, { sign: string; paint: keyof Colours }>;

/** How loud a severity is said. */
export function loudness(severity: Severity | null, colour: Colours): (text: string) => string {
  if (severity === 'critical') return (text) => colour.bold(colour.red(text));
  if (severity === 'high') return colour.red;
  return severity === 'medium' ? colour.yellow : String;
}

/** One control on one line: sign, name, verdict, severity and a few words. */
export function controlLine({
  check,
  verdict,
  severity,
  words = '',
  colour,
}: {
  check: string;
  verdict: Verdict;
  severity: Severity | null;
  words?: string;
  /** Those of whoever reads it (colour.ts), since the daemon writes for others. */
  colour: Colours;
}): string {
  const { sign, paint } = SIGNS[verdict];
  const cells = [
    colour[paint](sign),
    check.padEnd(12),
    colour[paint](verdict.padEnd(13)),
    loudness(severity, colour)((severity ?? '').padEnd(9)),
    words,
  ];
  return cells.join(' ').trimEnd();
}
