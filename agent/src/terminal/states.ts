import { describeFailure } from '../wire/failure.ts';
import type { CheckState, Finding } from '../wire/verdict.ts';
import { colour } from './colour.ts';
import { controlLine, loudness } from './control-line.ts';

/** Why a control does not apply, or how old what its verdict rests on is; mostly neither. */
export function remark({ reason, as_of }: Pick<CheckState, 'reason' | 'as_of'>): string {
  return reason ?? (as_of === undefined ? '' : `as of ${as_of}`);
}

/** Verdicts and beneath each what was found, for people; the worst is not hidden among the good. */
export function statesText(states: readonly CheckState[]): string {
  return states
    .flatMap(({ check, verdict, severity, findings, error, reason, as_of }) => [
      controlLine({ check, verdict, severity, words: remark({ reason, as_of }), colour }),
      ...(error === null ? [] : [`    could not look: ${describeFailure(error)}`]),
      ...findings.map((finding) => `    ${findingText(finding)}`),
    ])
    .join('\n');
}

/** A finding as a sentence, with how bad it is and what excuses it. */
export function findingText({ severity, message, exception }: Finding): string {
  const excuse = exception === null ? '' : colour.dim(` (exception ${exception})`);
  return `${loudness(severity, colour)(severity)}: ${message}${excuse}`;
}
