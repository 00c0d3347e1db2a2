import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WORK } from './programs.ts';

const FIXTURES = fileURLToPath(new URL('../../../../tests/fixtures/', import.meta.url));

/** A host in a folder whose encryption and patching checks look at real files; the others have no section. */
export function benchClinic({ pollInterval }: { pollInterval: number }) {
  const folder = mkdtempSync(join(WORK, 'bench-'));
  const root = join(folder, 'root');
  for (const check of ['encryption', 'patching'])
    cpSync(join(FIXTURES, check, 'compliant', 'root'), root, {
      recursive: true,
      verbatimSymlinks: true,
    });
  mkdirSync(join(root, 'proc/sys/kernel/random'), { recursive: true });
  writeFileSync(join(root, 'proc/sys/kernel/random/boot_id'), 'bench\n');
  const config = join(folder, 'config.json');
  const settings = {
    host_id: 'bench',
    state_dir: join(folder, 'state'),
    baseline_path: join(folder, 'baseline.json'),
    runtime_dir: join(folder, 'run'),
    poll_interval: pollInterval,
  };
  const checks = {
    encryption: { mounts: [{ target: '/srv/secret' }], undeclared_mounts: 'ignored' },
    patching: { max_age_days: 30 },
  };
  writeFileSync(config, JSON.stringify(settings));
  writeFileSync(settings.baseline_path, JSON.stringify({ version: 1, checks }));
  return { root, config, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
