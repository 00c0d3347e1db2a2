import { FailureError } from '../../wire/failure.ts';
import type { Command, Host } from '../host.ts';
import type { UnitState } from './facts.ts';

/** Where a unit’s processes are; for a privileged probe, not for evidence. */
export type UnitProcesses = {
  readonly unit: string;
  readonly mainPid: number | null;
  readonly controlGroup: string | null;
};

const PROPERTIES = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'NRestarts',
  'Result',
  'StateChangeTimestamp',
  'MainPID',
  'ControlGroup',
];

/** One call for all units of a check, and of a cycle. A unit that is not there is an answer too, with exit code 0. */
export function showUnits(units: readonly string[]): Command {
  const args = ['show', '--no-pager', `--property=${PROPERTIES.join(',')}`, '--'];
  return { tool: 'systemctl', name: 'units', args, operands: units };
}

/** The states of some units, in the order asked. Throws `FailureError`, also where one is not in the answer. */
export async function readUnits(
  host: Pick<Host, 'run'>,
  units: readonly string[],
): Promise<UnitState[]> {
  if (units.length === 0) return [];
  const { stdout } = await host.run(showUnits(units));
  return pick(stdout, units).map(({ unit, properties }) => unitState(unit, properties));
}

/** Where the processes of some units are, in the order asked. */
export async function readUnitProcesses(
  host: Pick<Host, 'run'>,
  units: readonly string[],
): Promise<UnitProcesses[]> {
  if (units.length === 0) return [];
  const { stdout } = await host.run(showUnits(units));
  return pick(stdout, units).map(({ unit, properties }) => ({
    unit,
    mainPid: count(properties.get('MainPID')) || null,
    controlGroup: properties.get('ControlGroup') || null,
  }));
}

type Properties = ReadonlyMap<string, string>;

/** A block a unit, apart by an empty line; properties come in systemd’s own order, so they are found by name. */
export function parseShow(stdout: string): Properties[] {
  return stdout
    .split(/\n\n+/)
    .filter((block) => block.includes('='))
    .map((block) => new Map(block.split('\n').flatMap(property)));
}

function property(line: string): [string, string][] {
  const at = line.indexOf('=');
  return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
}

/** An alias is shown under its unit’s own `Id`; `Names` lists both. */
function pick(stdout: string, units: readonly string[]) {
  const byName = new Map<string, Properties>();
  for (const block of parseShow(stdout)) {
    const names = [block.get('Id') ?? '', ...(block.get('Names')?.split(' ') ?? [])];
    for (const name of names) if (!byName.has(name)) byName.set(name, block);
  }
  return units.map((unit) => {
    const properties = byName.get(unit);
    if (properties !== undefined) return { unit, properties };
    throw new FailureError('malformed', { tool: 'systemctl', unit });
  });
}

function unitState(unit: string, properties: Properties): UnitState {
  const word = (name: string) => properties.get(name) ?? '';
  return {
    unit,
    load_state: word('LoadState'),
    active_state: word('ActiveState'),
    sub_state: word('SubState'),
    unit_file_state: word('UnitFileState'),
    fragment_path: word('FragmentPath') || null,
    drop_ins: word('DropInPaths').split(' ').filter(Boolean),
    needs_reload: word('NeedDaemonReload') === 'yes',
    restarts: count(properties.get('NRestarts')),
    result: word('Result') || null,
    changed_at: timestamp(word('StateChangeTimestamp')),
  };
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** `Sun 2026-11-22 15:43:45 UTC`: the host port asks for UTC. Whole seconds (systemd.time(7)). */
function timestamp(text: string): string | null {
  const found = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text);
  return found === null ? null : `${found[1]}T${found[2]}.000Z`;
}
