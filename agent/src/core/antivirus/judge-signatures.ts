import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { AntivirusFacts } from './facts.ts';
import type { AntivirusSection, SignatureDatabase } from './section.ts';

const HOUR = 3_600_000;

/** The age of each signature database, against what is declared (SI-3: updated as new releases are available). */
export function judgeSignatures(
  { signatures }: AntivirusFacts,
  { expected, now }: { expected: AntivirusSection; now: Date },
): Observation[] {
  return expected.signatures.flatMap((database) => {
    const seen = signatures.find(({ name }) => name === database.name);
    return judgeDatabase(database, seen?.modified_at ?? null, now);
  });
}

function judgeDatabase(
  { name: subject, max_age_hours }: SignatureDatabase,
  seen: AntivirusFacts['signatures'][number]['modified_at'],
  now: Date,
): Observation[] {
  const base = { subject, expected: `at most ${max_age_hours} hours old` };
  if (isUnseen(seen)) {
    const what = `The signature database ${subject}`;
    return [unseenObservation({ rule: 'signatures_not_seen', subject, what, unseen: seen.unseen })];
  }
  if (seen === null) {
    const message = `The signature database ${subject} is not there.`;
    return [
      {
        ...base,
        rule: 'signatures_missing',
        verdict: 'drifted',
        severity: 'high',
        actual: 'absent',
        message,
      },
    ];
  }
  const age = (now.getTime() - Date.parse(seen)) / HOUR;
  // A file from the future has no age; an hour is what clocks and time zones may be off by.
  if (age < -1) {
    const message = `The signature database ${subject} is from the future.`;
    return [
      {
        ...base,
        rule: 'signatures_from_future',
        verdict: 'unknown',
        severity: 'medium',
        actual: seen,
        message,
      },
    ];
  }
  if (age <= max_age_hours) return [];
  const message = `The signature database ${subject} is ${Math.floor(age)} hours old, more than ${max_age_hours}.`;
  const severity = age > 7 * max_age_hours ? 'high' : 'medium';
  return [
    { ...base, rule: 'signatures_stale', verdict: 'drifted', severity, actual: seen, message },
  ];
}
