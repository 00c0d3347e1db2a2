import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { PatchingFacts } from './facts.ts';
import type { PatchingSection } from './section.ts';

const DAY = 86_400_000;

/** The age of the running system’s nixpkgs: medium beyond the allowed days, high beyond twice, critical beyond four times. */
export function judgeAge(
  { nixpkgs }: PatchingFacts,
  { expected, now }: { expected: PatchingSection; now: Date },
): Observation[] {
  const subject = 'nixpkgs';
  if (isUnseen(nixpkgs)) {
    const what = 'The version of the running system';
    return [
      unseenObservation({ rule: 'patch_age_unknown', subject, what, unseen: nixpkgs.unseen }),
    ];
  }
  const { max_age_days } = expected;
  const base = { subject, expected: `at most ${max_age_days} days old`, actual: nixpkgs.date };
  const unknown = (message: string): Observation[] => [
    { ...base, rule: 'patch_age_unknown', verdict: 'unknown', severity: 'medium', message },
  ];
  if (nixpkgs.date === null)
    return unknown('The running system does not say how old its nixpkgs is.');
  const age = Math.floor((now.getTime() - Date.parse(nixpkgs.date)) / DAY);
  if (age < -1) return unknown('The nixpkgs of the running system is from the future.');
  if (age <= max_age_days) return [];
  const severity = age > 4 * max_age_days ? 'critical' : age > 2 * max_age_days ? 'high' : 'medium';
  const message = `The nixpkgs of the running system is ${age} days old, more than ${max_age_days}.`;
  return [{ ...base, rule: 'patch_age', verdict: 'drifted', severity, message }];
}
