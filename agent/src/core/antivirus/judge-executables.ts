import type { Failure } from '../../wire/failure.ts';
import type { Observation } from '../check.ts';
import { isUnseen, unseenObservation } from '../unseen.ts';
import type { AntivirusFacts, RunningExecutable, UnitExecutables } from './facts.ts';
import type { AntivirusSection, AntivirusUnit } from './section.ts';

type WithExecutable = AntivirusUnit & { executable: string };

/** The programs that the declared units run, on disk and in their cgroups, against the declared hashes (SI-7). */
export function judgeExecutables(facts: AntivirusFacts, expected: AntivirusSection): Observation[] {
  const { executables, units } = facts;
  const declared = expected.units.filter(hasExecutable);
  if (isUnseen(executables)) {
    return declared.map(({ unit }) => notSeen('executable', unit, executables.unseen));
  }
  return declared.flatMap((one) => {
    const seen = executables.find(({ unit }) => unit === one.unit);
    if (seen === undefined)
      return [notSeen('executable', one.unit, { code: 'absent', params: {} })];
    const state = isUnseen(units) ? undefined : units.find(({ unit }) => unit === one.unit);
    return [
      ...judgeDisk(one, seen),
      // While a unit starts, a child of systemd is not yet what it will run; the unit’s own finding says so.
      ...(state?.active_state === 'activating'
        ? []
        : judgeProcesses(one, seen, { mustRun: state?.sub_state === 'running' })),
    ];
  });
}

function hasExecutable(unit: AntivirusUnit): unit is WithExecutable {
  return unit.executable !== undefined;
}

function judgeDisk(
  { unit, executable, sha256 }: WithExecutable,
  seen: UnitExecutables,
): Observation[] {
  const found = seen.on_disk.find(({ path }) => path === executable)?.sha256;
  if (found === undefined) return [notSeen('executable', unit, { code: 'absent', params: {} })];
  if (isUnseen(found)) {
    if (found.unseen.code !== 'absent') return [notSeen('executable', unit, found.unseen)];
    const message = `The executable of ${unit} is not there.`;
    return [drift('executable_missing', unit, sha256 ?? 'present', 'absent', message)];
  }
  if (sha256 === undefined) {
    return [
      {
        rule: 'hash_not_declared',
        subject: unit,
        verdict: 'unknown',
        severity: 'low',
        expected: 'a declared SHA-256',
        actual: found,
        message: `The baseline declares no hash for the executable of ${unit}.`,
      },
    ];
  }
  if (found === sha256) return [];
  const message = `The executable of ${unit} is not the declared one.`;
  return [drift('executable_differs', unit, sha256, found, message)];
}

/** A process may run the declared program or, by its hash on disk, one that the unit also runs. */
function judgeProcesses(
  { unit, executable, sha256, also_runs }: WithExecutable,
  { running, on_disk }: UnitExecutables,
  { mustRun }: { mustRun: boolean },
): Observation[] {
  if (isUnseen(running)) return [notSeen('processes', unit, running.unseen)];
  const onDisk = (path: string) => {
    const hash = on_disk.find((file) => file.path === path)?.sha256;
    return typeof hash === 'string' ? [hash] : [];
  };
  const own = sha256 === undefined ? onDisk(executable) : [sha256];
  const allowed = new Set([...own, ...also_runs.flatMap(onDisk)]);
  const found = running.flatMap((process) => judgeProcess(unit, process, allowed));
  const runs = running.some((process) => isUnseen(process.sha256) || own.includes(process.sha256));
  if (!mustRun || runs || found.length > 0) return found;
  const message = `No process of ${unit} runs its executable although the unit is running.`;
  return [drift('process_missing', unit, sha256 ?? 'a process', 'none', message)];
}

function judgeProcess(
  unit: string,
  { sha256, declared, in_store, deleted }: RunningExecutable,
  allowed: ReadonlySet<string>,
): Observation[] {
  if (isUnseen(sha256)) return [notSeen('processes', unit, sha256.unseen)];
  if (allowed.has(sha256)) return [];
  const where =
    declared ?? (in_store ? 'another program of the store' : 'a program outside the store');
  const message = `A process of ${unit} runs ${where}${deleted ? ', since deleted or replaced' : ''}, whose hash is not declared.`;
  return [drift('process_differs', unit, [...allowed].sort(), sha256, message.slice(0, 512))];
}

function notSeen(part: 'executable' | 'processes', unit: string, unseen: Failure): Observation {
  const what = part === 'executable' ? `The executable of ${unit}` : `A process of ${unit}`;
  return unseenObservation({ rule: `${part}_not_seen`, subject: unit, what, unseen });
}

function drift(
  rule: string,
  subject: string,
  expected: string | string[],
  actual: string,
  message: string,
): Observation {
  const severity = rule === 'process_missing' ? 'high' : 'critical';
  return { rule, subject, verdict: 'drifted', severity, expected, actual, message };
}
