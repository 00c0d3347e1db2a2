import { describeFailure } from '../wire/failure.ts';
import type { CheckState, Finding, Severity, Verdict } from '../wire/verdict.ts';
import { colour } from './colour.ts';

/** How a verdict looks. Colour only on a terminal, and never against NO_COLOR (colour.ts); the sign says the same. */
const SIGNS: Record<Verdict, { sign: string; paint: (text: string) => string }> = {
  compliant: { sign: '✓', paint: colour.green },
  drifted: { sign: '✗', paint: colour.red },
  unknown: { sign: '?', paint: colour.yellow },
  notApplicable: { sign: '–', paint: colour.dim },
};

const LOUD: Partial<Record<Severity, (text: string) => string>> = {
  critical: (text) => colour.bold(colour.red(text)),
  high: colour.red,
  medium: colour.yellow,
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

/** Why a control does not apply, or how old what its verdict rests on is; mostly neither. */
export function remark({ reason, as_of }: Pick<CheckState, 'reason' | 'as_of'>): string {
  return reason ?? (as_of === undefined ? '' : `as of ${as_of}`);
}

/** Verdicts and beneath each what was found, for people; the worst is not hidden among the good. */
export function statesText(states: readonly CheckState[]): string {
  return states
    .flatMap(({ check, verdict, severity, findings, error, reason, as_of }) => [
      controlLine({ check, verdict, severity, words: remark({ reason, as_of }) }),
      ...(error === null ? [] : [`    could not look: ${describeFailure(error)}`]),
      ...findings.map((finding) => `    ${findingText(finding)}`),
    ])
    .join('\n');
}

/** A finding as a sentence, with how bad it is and what excuses it. */
export function findingText({ severity, message, exception }: Finding): string {
  const excuse = exception === null ? '' : colour.dim(` (exception ${exception})`);
  const loud = LOUD[severity] ?? ((text: string) => text);
  return `${loud(severity)}: ${message}${excuse}`;
}
