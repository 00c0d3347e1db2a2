import type { Machine } from './machine.ts';

const PROFILE = '/nix/var/nix/profiles/system';

/**
 * What callers see of NixOS's switch-to-configuration: `check`, `switch`, the lock, exit codes, the order of boot
 * default, activation and running link. It is a stand-in: it activates nothing but the file `activate` of its system.
 */
const SWITCH = `#!/bin/sh
out=$(dirname "$(dirname "$(readlink -f "$0")")")
exec 9>/run/switch-to-configuration.lock
flock -n 9 || { echo "Could not acquire lock" >&2; exit 1; }
case $1 in
  check) exit "$(cat "$out/exit-check")" ;;
  switch) ;;
  *) echo "Usage: $0 [check|switch]" >&2; exit 1 ;;
esac
code=$(cat "$out/exit-switch")
[ "$code" = 100 ] && exit 100
echo "$out" > /boot-default.new && mv /boot-default.new /boot-default
[ "$code" = 1 ] && exit 1
sh "$out/activate" 9>&-
ln -sfn "$out" /run/current-system.new && mv -T /run/current-system.new /run/current-system
exit "$code"
`;

export type System = {
  readonly exitCheck?: number;
  readonly exitSwitch?: number;
  readonly activate?: string;
};

/** Adds a system to the Nix store; gives its store path. */
export async function addSystem(
  machine: Machine,
  number: number,
  system: System = {},
): Promise<string> {
  const folder = `/opt/systems/nixos-system-clinic-${number}`;
  machine.write(`${folder}/bin/switch-to-configuration`, SWITCH, 0o755);
  machine.write(`${folder}/nixos-version`, `26.05.2026112${number}.abcdef${number}\n`);
  machine.write(`${folder}/exit-check`, String(system.exitCheck ?? 0));
  machine.write(`${folder}/exit-switch`, String(system.exitSwitch ?? 0));
  machine.write(`${folder}/activate`, `${system.activate ?? ''}\n`);
  return (await machine.must(`nix-store --add ${folder}`)).trim();
}

/** Makes a system the newest generation, runs it, and lets the agent start on it as on a freshly booted host. */
export async function becomeNixos(machine: Machine, system: string): Promise<void> {
  await machine.must('systemctl stop compliance-agent compliance-agent-state');
  await machine.must(
    `nix-env -p ${PROFILE} --set ${system} && echo ${system} > /boot-default && ln -sfn ${system} /run/current-system`,
  );
  await machine.must(`ln -sfn ${system} /run/booted-system`);
  await machine.must('systemctl start compliance-agent');
}

export type Links = {
  readonly running: string;
  readonly profile: string;
  readonly link: string;
  readonly boot: string;
};

/** What runs, what the profile names and by which link, and what would boot. */
export async function links(machine: Machine): Promise<Links> {
  const [running = '', profile = '', link = '', boot = ''] = (
    await machine.must(
      `readlink -f /run/current-system; readlink -f ${PROFILE}; readlink ${PROFILE}; cat /boot-default`,
    )
  ).split('\n');
  return { running, profile, link, boot };
}

/**
 * Simulated: a container has no clock of its own, so chronyc says that the clock is right. All else about the clock is
 * the agent's own.
 */
export function simulateTimeService(machine: Machine): void {
  machine.write(
    '/usr/local/bin/chronyc',
    '#!/bin/sh\necho "C0000201,192.0.2.1,2,1763800000.0,0.000001,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,Normal"\n',
    0o755,
  );
  machine.write(
    '/usr/lib/systemd/system/chronyd.service',
    '[Service]\nRuntimeDirectory=chrony\nExecStart=sleep infinity\n',
  );
  machine.write(
    '/etc/systemd/system/compliance-agent.service.d/time.conf',
    '[Unit]\nWants=chronyd.service\nAfter=chronyd.service\n',
  );
}
