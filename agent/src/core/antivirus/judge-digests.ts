import type { Observation } from '../check.ts';
import { isUnseen } from '../unseen.ts';
import type { AntivirusFacts, UnitExecutables } from './facts.ts';
import type { AntivirusSection } from './section.ts';

const HOUR = 3_600_000;
/** Milliseconds by which a clock may be set back during a look. */
const SET_BACK = 60_000;

/** What is said of a file holds for as long as its digest may: an older one, or one without a time, is `unknown`. */
export function judgeDigests(
  facts: AntivirusFacts,
  { expected: { rehash_hours }, now }: { expected: AntivirusSection; now: Date },
): Observation[] {
  if (isUnseen(facts.executables)) return [];
  return facts.executables.flatMap((seen): Observation[] => {
    const times = timesOf(seen);
    const stale = times.filter((time) => {
      const age = now.getTime() - Date.parse(time);
      return !(age <= rehash_hours * HOUR + SET_BACK && age >= -HOUR);
    });
    const [oldest] = stale.sort();
    if (oldest === undefined) return [];
    return [
      {
        rule: 'digest_stale',
        subject: seen.unit,
        verdict: 'unknown',
        severity: 'medium',
        expected: `computed in full at most ${rehash_hours} hours before`,
        actual: oldest,
        message: `A program of ${seen.unit} was not hashed in full within its schedule.`,
      },
    ];
  });
}

/** The earliest time that the digests tell of, where that is before `now`: what the verdict is true as of. */
export function digestsAsOf({ executables }: AntivirusFacts, now: Date): string | undefined {
  if (isUnseen(executables)) return undefined;
  const [oldest] = executables.flatMap(timesOf).sort();
  return oldest !== undefined && Date.parse(oldest) < now.getTime() ? oldest : undefined;
}

/** One a digest; `never` of one that does not say. */
function timesOf({ on_disk, running }: UnitExecutables): string[] {
  return [...on_disk, ...(isUnseen(running) ? [] : running)].flatMap(({ sha256, hashed_at }) =>
    isUnseen(sha256) ? [] : [hashed_at ?? 'never'],
  );
}
