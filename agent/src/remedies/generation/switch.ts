import type { Hands, Step, StepResult } from '../../core/remedy.ts';
import { PROFILE } from './links.ts';

/** Seconds. Activation, boot loader and restarts; the unit’s own limit lies above the sum. */
const LIMIT = { check: 300, profile: 120, switch: 3600 };

/** Found by whatever an activation script calls, on NixOS and elsewhere. */
const SEARCH_PATH = [
  '/run/current-system/sw/bin',
  '/nix/var/nix/profiles/default/bin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** The units that switch begin so: a later run finds out whether one is still at work. */
const UNITS = 'compliance-agent-switch';

/** Each step runs as a unit of its own: it outlives this process, and what it mounts is seen by the host. */
function transient(action: string, ...command: string[]): Step['command'] {
  return [
    'systemd-run',
    '--quiet',
    '--collect',
    '--pipe',
    '--wait',
    '--service-type=exec',
    `--unit=${UNITS}-${action}`,
    `--setenv=PATH=${SEARCH_PATH}`,
    // Tells the activation that it is no administrator’s `nixos-rebuild switch`.
    '--setenv=COMPLIANCE_AGENT_REMEDY=1',
    '--',
    ...command,
  ];
}

/** `switch-to-configuration check`: whether the system may be switched to at all; it changes nothing. */
export function checkSystem(hands: Hands, system: string): Promise<StepResult> {
  const action = 'pre_switch_check';
  const command = transient(action, `${system}/bin/switch-to-configuration`, 'check');
  return hands.run({ action, command, limit: LIMIT.check });
}

/** Makes a system the newest generation of the profile. */
export function setProfile(hands: Hands, system: string): Promise<StepResult> {
  const action = 'set_profile';
  const command = transient(action, 'nix-env', '-p', PROFILE, '--set', system);
  return hands.run({ action, command, limit: LIMIT.profile });
}

/** Puts an earlier generation back: by its number where it had one, as then no new one is made. */
export function putBackProfile(
  hands: Hands,
  earlier: { profile: string; generation: number | null },
): Promise<StepResult> {
  const how =
    earlier.generation === null
      ? ['--set', earlier.profile]
      : ['--switch-generation', String(earlier.generation)];
  const action = 'put_back_profile';
  const command = transient(action, 'nix-env', '-p', PROFILE, ...how);
  return hands.run({ action, command, limit: LIMIT.profile });
}

/** `switch-to-configuration switch`: activates it and makes it the boot default. 4: a unit failed. */
export function switchTo(hands: Hands, system: string, action = 'switch'): Promise<StepResult> {
  const command = transient(action, `${system}/bin/switch-to-configuration`, 'switch');
  return hands.run({ action, command, limit: LIMIT.switch, accept: [4] });
}

/** Waits for what an interrupted run had begun. */
export async function awaitSwitch(hands: Hands): Promise<void> {
  for (let second = 0; second < LIMIT.switch; second += 1) {
    const { stdout } = await hands.host.run({
      tool: 'systemctl',
      name: 'switch_units',
      args: [...LIST, '--state=active,activating,deactivating', `${UNITS}-*.service`],
    });
    if (stdout.trim() === '') return;
    await hands.pause(1000);
  }
}

const LIST = ['list-units', '--plain', '--no-legend', '--no-pager', '--full'];

/** Names of the units that have failed. */
export async function failedUnits(hands: Hands): Promise<Set<string>> {
  const { stdout } = await hands.host.run({
    tool: 'systemctl',
    name: 'failed_units',
    args: [...LIST, '--failed'],
  });
  return new Set(stdout.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []));
}
