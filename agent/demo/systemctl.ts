import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { changeUnits, mainPid, readUnits, type SimulatedUnit } from './units.ts';

/**
 * A stand-in for systemctl(1) where no systemd is PID 1: `show UNIT… -p A,B`, `start`, `stop`, `restart`, `is-active`
 * over the table in $DEMO_UNITS. The demo says in its table that this is simulated.
 */
const file = process.env.DEMO_UNITS ?? '';
const [verb = '', ...rest] = process.argv.slice(2).filter((argument) => argument !== '--no-pager');
const units: string[] = [];
const asked: string[] = [];
for (let index = 0; index < rest.length; index += 1) {
  const argument = rest[index] ?? '';
  if (argument === '-p' || argument === '--property')
    asked.push(...(rest[++index] ?? '').split(','));
  else if (argument.startsWith('--property=')) asked.push(...argument.slice(11).split(','));
  else if (argument === '--') continue;
  else if (!argument.startsWith('-')) units.push(argument);
}

if (verb === 'show') process.stdout.write(units.map(show).join('\n'));
else if (verb === 'is-active')
  process.exitCode = units.every((unit) => state(unit).ActiveState === 'active') ? 0 : 3;
else if (['start', 'stop', 'restart'].includes(verb)) units.forEach(change);
else {
  console.error(`simulated systemctl: unknown verb ${verb}`);
  process.exitCode = 1;
}

function state(name: string): Record<string, string> {
  const unit = readUnits(file)[name];
  if (unit === undefined) {
    return {
      Id: name,
      LoadState: 'not-found',
      ActiveState: 'inactive',
      SubState: 'dead',
      UnitFileState: '',
    };
  }
  const pid = mainPid(unit);
  const active = unit.pid_file === undefined ? unit.active === true : pid !== 0;
  return {
    Id: name,
    LoadState: unit.masked ? 'masked' : 'loaded',
    ActiveState: active ? 'active' : 'inactive',
    SubState: subState(name, unit, active),
    UnitFileState: unit.masked ? 'masked' : 'enabled',
    UnitFilePreset: 'enabled',
    FragmentPath: `/etc/systemd/system/${name}`,
    DropInPaths: (unit.drop_ins ?? []).join(' '),
    NeedDaemonReload: 'no',
    NRestarts: String(unit.restarts ?? 0),
    Result: 'success',
    MainPID: String(pid),
    ControlGroup: '', // no cgroup of its own: the probe falls back to MainPID
    ExecMainStatus: '0',
  };
}

function subState(name: string, unit: SimulatedUnit, active: boolean): string {
  if (!active) return 'dead';
  if (unit.pid_file !== undefined) return 'running';
  return name.endsWith('.timer') ? 'waiting' : name.endsWith('.socket') ? 'listening' : 'exited';
}

function show(name: string): string {
  const properties = state(name);
  const names = asked.length === 0 ? Object.keys(properties) : asked;
  return names
    .filter((property) => properties[property] !== undefined)
    .map((property) => `${property}=${properties[property]}\n`)
    .join('');
}

function change(name: string): void {
  const unit = readUnits(file)[name];
  if (unit === undefined || (unit.masked && verb !== 'stop')) {
    console.error(
      `Failed to ${verb} ${name}: Unit ${unit === undefined ? 'not found' : 'is masked'}.`,
    );
    process.exitCode = 5;
    return;
  }
  const pid = mainPid(unit);
  if (pid !== 0 && verb !== 'start') process.kill(pid, 'SIGTERM');
  const stays = verb === 'stop' || (verb === 'start' && pid !== 0);
  const [program, ...args] = unit.start ?? [];
  if (!stays && unit.pid_file !== undefined && program !== undefined) {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.unref();
    writeFileSync(unit.pid_file, String(child.pid));
  }
  setActive(name, verb !== 'stop');
}

function setActive(name: string, active: boolean): void {
  changeUnits(file, (units) => ({ ...units, [name]: { ...units[name], active } }));
}
