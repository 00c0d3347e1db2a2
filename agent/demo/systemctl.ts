import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { changeUnits, mainPid, readUnits, type SimulatedUnit } from './units.ts';

/**
 * A stand-in for systemctl(1) where no systemd is PID 1: `show UNIT… -p A,B`, `start`, `stop`, `restart`, `is-active`,
 * `unmask`, `list-units --failed` over the table in $DEMO_UNITS. The demo says in its table that this is simulated.
 */
const file = process.env.DEMO_UNITS ?? '';
const words: string[] = [];
const asked: string[] = [];
const given = process.argv.slice(2);
for (let index = 0; index < given.length; index += 1) {
  const argument = given[index] ?? '';
  if (argument === '-p' || argument === '--property')
    asked.push(...(given[++index] ?? '').split(','));
  else if (argument.startsWith('--property=')) asked.push(...argument.slice(11).split(','));
  else if (!argument.startsWith('-')) words.push(argument);
}
const [verb = '', ...units] = words;

if (verb === 'show') process.stdout.write(units.map(show).join('\n'));
else if (verb === 'is-active')
  process.exitCode = units.every((unit) => state(unit).ActiveState === 'active') ? 0 : 3;
else if (['start', 'stop', 'restart'].includes(verb)) units.forEach(change);
else if (verb === 'unmask') units.forEach(unmask);
else if (!['reset-failed', 'daemon-reload', 'list-units'].includes(verb)) {
  // Those three have nothing to reset, to load or to list: no unit stays failed and no definition is kept in memory.
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
  const running = mainPid(unit) !== 0;
  if (running && verb !== 'start') end(unit);
  const [program, ...args] = unit.start ?? [];
  if (verb !== 'stop' && program !== undefined && unit.pid_file === undefined) {
    // Runs to its end, as a service of Type=oneshot, and is inactive afterwards.
    process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status === 0 ? 0 : 1;
    return;
  }
  const begins = verb === 'restart' || (verb === 'start' && !running);
  if (begins && program !== undefined && unit.pid_file !== undefined) {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' });
    child.unref();
    writeFileSync(unit.pid_file, String(child.pid));
  }
  setActive(name, verb !== 'stop');
}

/** As systemd stops a service (systemd.kill(5)): SIGTERM with SIGCONT, and SIGKILL when that was not enough. */
function end(unit: SimulatedUnit): void {
  const pid = mainPid(unit);
  for (const signal of ['SIGTERM', 'SIGCONT'] as const) process.kill(pid, signal);
  for (let tries = 0; tries < 40 && mainPid(unit) === pid; tries += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  if (mainPid(unit) === pid) process.kill(pid, 'SIGKILL');
}

function unmask(name: string): void {
  changeUnits(file, (units) => ({ ...units, [name]: { ...units[name], masked: false } }));
}

function setActive(name: string, active: boolean): void {
  changeUnits(file, (units) => ({ ...units, [name]: { ...units[name], active } }));
}
