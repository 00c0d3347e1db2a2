import type { Json } from '../../wire/primitives.ts';
import type { Severity } from '../../wire/verdict.ts';
import type { Observation } from '../check.ts';
import type { BackupJob } from './section.ts';

type Words = { rule: string; severity: Severity; expected: Json; actual: Json; message: string };

/** A finding about a job, as drift. */
export function drift({ job }: BackupJob, words: Words): Observation {
  return { ...words, subject: job, verdict: 'drifted' };
}

/** A status may be this far ahead of us before the clock of one of the two is wrong. */
const SKEW_MS = 5 * 60_000;

export function isAhead(time: string, now: Date): boolean {
  return Date.parse(time) - now.getTime() > SKEW_MS;
}

/** A time that has not come: nothing can be said of an age. */
export function ahead({ job }: BackupJob, rule: string, what: string): Observation {
  const message = `${what} is from the future: a clock is wrong.`;
  return {
    rule,
    subject: job,
    verdict: 'unknown',
    severity: 'medium',
    expected: 'past',
    actual: 'future',
    message,
  };
}
