import { FailureError } from '../../wire/failure.ts';
import type { Host } from '../host.ts';
import { readUnits } from '../units/state.ts';
import { isUnseen, orAbsent, orUnseen } from '../unseen.ts';
import { type AntivirusFacts, Executables, type UnitExecutables } from './facts.ts';
import type { AntivirusSection, SignatureDatabase } from './section.ts';

/** The facts of the check `antivirus`. What one part could not see leaves the others standing. */
export async function lookAtAntivirus({
  host,
  expected,
}: {
  host: Host;
  expected: AntivirusSection;
}): Promise<AntivirusFacts> {
  const [units, executables, signatures] = await Promise.all([
    orUnseen(
      readUnits(
        host,
        expected.units.map(({ unit }) => unit),
      ),
    ),
    orUnseen(readExecutables(host, expected)),
    Promise.all(expected.signatures.map((database) => readSignatures(host, database))),
  ]);
  if (isUnseen(executables)) return { units, executables, signatures };
  const { units: seen, ...schedule } = executables; // no schedule where no program is declared
  return { units, executables: seen, ...schedule, signatures };
}

/** Asked of the privileged probe only where the baseline declares an executable at all. */
async function readExecutables(
  host: Host,
  { units }: AntivirusSection,
): Promise<Pick<AntivirusFacts, 'rehash_hours'> & { units: UnitExecutables[] }> {
  if (units.every(({ executable }) => executable === undefined)) return { units: [] };
  const answer = Executables.safeParse(await host.probe('antivirus'));
  if (answer.success) return answer.data;
  throw new FailureError('malformed', { probe: 'antivirus' });
}

async function readSignatures(
  host: Host,
  { name, paths }: SignatureDatabase,
): Promise<AntivirusFacts['signatures'][number]> {
  const files = await Promise.all(paths.map((path) => orAbsent(host.stat(path))));
  const times = files.flatMap((file) => (file === null || isUnseen(file) ? [] : file.mtimeMs));
  if (times.length > 0) return { name, modified_at: timestamp(Math.max(...times)) };
  return { name, modified_at: files.find(isUnseen) ?? null };
}

function timestamp(milliseconds: number): string {
  return new Date(Math.floor(milliseconds)).toISOString();
}
