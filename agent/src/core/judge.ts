import type { Exception } from '../wire/baseline.ts';
import type { Failure } from '../wire/failure.ts';
import type { Json } from '../wire/primitives.ts';
import { type CheckState, type Finding, highest, type Verdict } from '../wire/verdict.ts';
import type { Judgement, Observation } from './check.ts';

/** What was seen of one check in one cycle, before exceptions are laid over it. */
export type Seen =
  | { readonly check: string; readonly facts: Json; readonly judgement: Judgement }
  | { readonly check: string; readonly error: Failure };

/**
 * Facts and judgement to the state that is recorded. A finding that a valid exception covers no longer counts, and the
 * verdict names the exception. Drift outweighs `unknown`, and `unknown` outweighs `compliant` (DESIGN promise 1).
 */
export function concludeCheck(
  seen: Seen,
  { exceptions, now }: { exceptions: readonly Exception[]; now: Date },
): CheckState {
  if ('error' in seen) return notSeen(seen.check, seen.error);
  if (!seen.judgement.applicable) {
    const { reason } = seen.judgement;
    return { ...blank(seen.check, 'notApplicable'), facts: seen.facts, reason };
  }

  const findings = seen.judgement.observations.map((observation): Finding => {
    const exception = exceptions.find((candidate) =>
      covers(candidate, seen.check, observation, now),
    );
    const { unjudged: _, ...finding } = observation;
    return { ...finding, exception: exception?.id ?? null };
  });
  const open = findings.filter((finding) => finding.exception === null);
  return {
    check: seen.check,
    verdict: weigh(open),
    severity: highest(open.map((finding) => finding.severity)),
    findings,
    exceptions: [...new Set(findings.flatMap((finding) => finding.exception ?? []))].sort(),
    facts: seen.facts,
    error: null,
    ...(seen.judgement.asOf !== undefined && { as_of: seen.judgement.asOf }),
  };
}

function weigh(open: readonly Finding[]): Verdict {
  if (open.some((finding) => finding.verdict === 'drifted')) return 'drifted';
  return open.length === 0 ? 'compliant' : 'unknown';
}

function covers(exception: Exception, check: string, observation: Observation, now: Date): boolean {
  return (
    exception.check === check &&
    (observation.verdict === 'drifted' || standsFor(exception, observation)) &&
    (exception.rule === undefined || exception.rule === observation.rule) &&
    (exception.subject === undefined || exception.subject === observation.subject) &&
    Date.parse(exception.expires) > now.getTime()
  );
}

/**
 * What could not be seen has no documented alternative. What was seen and is of a kind that no rule judges has one where
 * the exception names just this: rule and subject (DESIGN 4, another stack of encryption).
 */
function standsFor({ rule, subject }: Exception, { unjudged }: Observation): boolean {
  return unjudged === true && rule !== undefined && subject !== undefined;
}

function notSeen(check: string, error: Failure): CheckState {
  return { ...blank(check, 'unknown'), severity: 'medium', error };
}

function blank(check: string, verdict: Verdict): CheckState {
  return { check, verdict, severity: null, findings: [], exceptions: [], facts: null, error: null };
}
