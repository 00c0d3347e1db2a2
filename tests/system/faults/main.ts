import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { missing, REPOSITORY } from '../../support/suite.ts';
import { MACHINE_NEED } from '../machine.ts';
import { FAULTS, type Fault } from './table.ts';

/**
 * npm run test:faults [-- SCENARIO …]: breaks a copy of the product in one place after another, and expects the scenario
 * of each to turn red for just that reason. What does not even compile is no proof, and fails here.
 */
const wanted = process.argv.slice(2);
const reason = missing(MACHINE_NEED);
if (reason !== null) {
  console.log(`skipped: a real systemd needs root and Debian’s tools (${reason})`);
  process.exitCode = process.env['CI'] ? 1 : 0;
} else {
  await breakAll(FAULTS.filter(({ scenario }) => wanted.length === 0 || wanted.includes(scenario)));
}

async function breakAll(faults: readonly Fault[]): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'compliance-faults-'));
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interrupt.abort());
  let passed = 0;
  try {
    await copyRepository(copy);
    for (const fault of faults) {
      if (interrupt.signal.aborted) break;
      console.log(`\n${fault.scenario}: ${fault.what} (${fault.file})`);
      const green = await whyNotRed(copy, fault, interrupt.signal);
      console.log(green === null ? `  ✓ red: ${fault.says}` : `  ✗ ${green}`);
      if (green === null) passed += 1;
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`\n${passed} passed, ${faults.length - passed} failed`);
  process.exitCode = passed === faults.length && passed > 0 ? 0 : 1;
}

/** What git knows and what is new, as it lies here; the packages are only linked, as nothing writes to them. */
async function copyRepository(copy: string): Promise<void> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execa('git', args, { cwd: REPOSITORY });
  for (const path of stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(REPOSITORY, path), join(copy, path), { verbatimSymlinks: true });
  }
  symlinkSync(join(REPOSITORY, 'agent/node_modules'), join(copy, 'agent/node_modules'));
}

/** Null where the scenario failed as foretold. */
async function whyNotRed(
  copy: string,
  { scenario, file, find, replace, says }: Fault,
  cancelSignal: AbortSignal,
): Promise<string | null> {
  const path = join(copy, file);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(find).length !== 2) return `${file} has not just one: ${find}`;
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  const { all, exitCode } = await execa(
    process.execPath,
    [join(copy, 'agent/scripts/program.mjs'), 'tests/system/main.js', scenario],
    { all: true, reject: false, cancelSignal, forceKillAfterDelay: 30_000 },
  );
  writeFileSync(path, sound);
  if (exitCode === 0) return 'the scenario stayed green';
  const [, said] = /^ {2}✗ (.*)/m.exec(all) ?? [];
  if (said === undefined) return `no scenario ran:\n${all.slice(-2000)}`;
  return said.includes(says) ? null : `red for another reason: ${said}`;
}
