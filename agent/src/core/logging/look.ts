import { FailureError } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import { readUnits } from '../units/state.ts';
import { isUnseen, orUnseen } from '../unseen.ts';
import { Journal, type LoggingFacts } from './facts.ts';
import type { LoggingSection } from './section.ts';

/** The facts of the check `logging`. What one part could not see leaves the others standing. */
export async function lookAtLogging({
  host,
  expected,
}: {
  host: Host;
  expected: LoggingSection;
}): Promise<LoggingFacts> {
  const names = expected.units.map(({ unit }) => unit);
  const [units, journal] = await Promise.all([
    orUnseen(readUnits(host, names)),
    orUnseen(readJournal(host)),
  ]);
  if (isUnseen(journal)) return { units, canary: journal, storage: journal };
  return { units, ...journal };
}

async function readJournal(host: Host): Promise<Journal> {
  const answer = Journal.safeParse(await host.probe('logging'));
  if (answer.success) return answer.data;
  throw new FailureError('malformed', { probe: 'logging' });
}
