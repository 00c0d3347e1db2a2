import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Control } from './control.ts';
import { antivirusControl } from './controls/antivirus.ts';
import { backupControl } from './controls/backup.ts';
import { encryptionControl } from './controls/encryption.ts';
import { firewallControl } from './controls/firewall.ts';
import { loggingControl } from './controls/logging.ts';
import { patchingControl } from './controls/patching.ts';
import { holdNamespaces, type Namespaces } from './namespace.ts';
import { SIMULATED_SYSTEMCTL, STAND_INS } from './programs.ts';
import type { Stage } from './stage.ts';
import { lacks } from './tools.ts';
import { plant } from './tree.ts';

/** The clinic host: a folder that the agent takes for `/`, and the controls that this machine can make real. */
export type Clinic = {
  readonly root: string;
  readonly controls: readonly Control[];
  /** Arguments that put a probe into the demo’s namespaces; null where there are none. */
  readonly namespaces: Namespaces | null;
  /** What needs the agent’s settings to be there. */
  begin(): void;
};

export async function buildClinic(
  stage: Stage,
  {
    config,
    now,
    wanted,
  }: {
    config: string;
    now: Date;
    /** Only these controls. */
    wanted?: readonly string[];
  },
): Promise<Clinic> {
  const root = stage.path('host');
  mkdirSync(root);
  const units = standInForSystemd(stage);
  for (const tool of ['systemd-run', 'nix-env', 'chronyc']) {
    copyFileSync(join(STAND_INS, tool), join(root, 'bin', tool));
  }
  // journald is real, and so are the tools that read it.
  symlinkSync('/usr/bin/journalctl', join(root, 'bin/journalctl'));
  plant(root, { '/run/chrony/chronyd.pid': '1\n' });
  plant(root, { '/etc/hostname': 'clinic-frontdesk\n' });
  mkdirSync(`${root}/proc/sys/kernel/random`, { recursive: true });
  copyFileSync('/proc/sys/kernel/random/boot_id', `${root}/proc/sys/kernel/random/boot_id`);

  const able = (id: string) => (wanted?.includes(id) ?? true) && lacks(id).length === 0;
  const namespaces = able('firewall') || able('logging') ? await holdNamespaces(stage) : null;
  const controls: Control[] = [];
  if (able('patching')) controls.push(patchingControl({ root, now }));
  if (able('antivirus')) controls.push(antivirusControl({ stage, units }));
  const begin: (() => void)[] = [];
  if (able('backup')) {
    const backup = backupControl({ stage, units, config });
    controls.push(backup);
    begin.push(backup.begin);
  }
  if (namespaces !== null && able('logging')) {
    controls.push(await loggingControl({ stage, units, namespaces }));
  }
  if (namespaces !== null && able('firewall')) {
    controls.push(firewallControl({ folder: stage.folder, enter: namespaces.enter }));
  }
  if (able('encryption')) controls.push(encryptionControl({ root, folder: stage.folder }));
  return {
    root,
    controls,
    namespaces,
    begin() {
      for (const step of begin) step();
    },
  };
}

/** A `systemctl` of the demo’s own, both where the re-rooted agent looks for tools and first on PATH. Gives its table. */
function standInForSystemd(stage: Stage): string {
  const units = stage.path('units.json');
  writeFileSync(units, '{}');
  const script = `#!/bin/sh\nDEMO_UNITS='${units}' exec '${process.execPath}' '${SIMULATED_SYSTEMCTL}' "$@"\n`;
  for (const file of [stage.path('host', 'bin/systemctl'), stage.path('bin', 'systemctl')]) {
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }
  process.env.PATH = `${stage.path('bin')}:${process.env.PATH ?? ''}`;
  return units;
}
