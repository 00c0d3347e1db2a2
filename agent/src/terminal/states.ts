import pico from 'picocolors';
import { describeFailure } from '../wire/failure.ts';
import type { CheckState, Finding, Severity, Verdict } from '../wire/verdict.ts';

/** How a verdict looks. Colour only on a terminal, and never against NO_COLOR (picocolors); the sign says the same. */
const SIGNS: Record<Verdict, { sign: string; paint: (text: string) => string }> = {
  compliant: { sign: '✓', paint: pico.green },
  drifted: { sign: '✗', paint: pico.red },
  unknown: { sign: '?', paint: pico.yellow },
  notApplicable: { sign: '–', paint: pico.dim },
};

const LOUD: Partial<Record<Severity, (text: string) => string>> = {
  critical: (text) => pico.bold(pico.red(text)),
  high: pico.red,
  medium: pico.yellow,
};

/** One control on one line: sign, name, verdict, severity and a few words. */
export function controlLine({
  check,
  verdict,
  severity,
  words = '',
}: {
  check: string;
  verdict: Verdict;
  severity: Severity | null;
  words?: string;
}): string {
  const { sign, paint } = SIGNS[verdict];
  const loud = (severity && LOUD[severity]) ?? ((text: string) => text);
  const cells = [
    paint(sign),
    check.padEnd(12),
    paint(verdict.padEnd(13)),
    loud((severity ?? '').padEnd(9)),
    words,
  ];
  return cells.join(' ').trimEnd();
}

/** Verdicts and beneath each what was found, for people; the worst is not hidden among the good. */
export function statesText(states: readonly CheckState[]): string {
  return states
    .flatMap(({ check, verdict, severity, findings, error }) => [
      controlLine({ check, verdict, severity }),
      ...(error === null ? [] : [`    could not look: ${describeFailure(error)}`]),
      ...findings.map((finding) => `    ${findingText(finding)}`),
    ])
    .join('\n');
}

/** A finding as a sentence, with how bad it is and what excuses it. */
export function findingText({ severity, message, exception }: Finding): string {
  const excuse = exception === null ? '' : pico.dim(` (exception ${exception})`);
  const loud = LOUD[severity] ?? ((text: string) => text);
  return `${loud(severity)}: ${message}${excuse}`;
}
