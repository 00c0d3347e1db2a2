import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONTROLS, type Control, type Subject } from './subject.ts';

/** A program that a user would otherwise install, and how it looks at the six controls once. */
export type Peer = {
  readonly name: string;
  /** Debian’s packages. */
  readonly packages: readonly string[];
  /** Its policy, files of this folder. */
  readonly policy: readonly string[];
  /** What it cannot say in one run, and why. */
  readonly cannot: Partial<Record<Control, string>>;
  command(at: (file: string) => string): readonly string[];
  /** The controls that hold, by what it printed and its exit code. */
  held(run: { said: string; code: number }): readonly Control[];
};

export const POLICIES = fileURLToPath(new URL('../../../../bench/peers/', import.meta.url));

/** Writes a peer’s policy for a subject; gives the command that judges it. */
export function preparePeer(
  { policy, command }: Peer,
  { folder, values }: Subject,
): readonly string[] {
  const at = (file: string) => join(folder, file);
  for (const file of policy) {
    writeFileSync(at(file), filled(readFileSync(join(POLICIES, file), 'utf8'), values));
    chmodSync(at(file), file.endsWith('.sh') ? 0o700 : 0o600);
  }
  return command(at);
}

/** A policy with what its `@NAME@` stand for. */
export function filled(policy: string, values: Subject['values']): string {
  return policy.replaceAll(/@([a-z0-9_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a policy asks for @${name}@`);
    return value;
  });
}

/** The controls that a peer says hold, of those that it can express. */
export function controlsHeld(peer: Peer, run: { said: string; code: number }): Control[] {
  const held = new Set(peer.held(run));
  return CONTROLS.filter((control) => held.has(control) && !(control in peer.cannot));
}

export const expressed = ({ cannot }: Peer): Control[] =>
  CONTROLS.filter((control) => !(control in cannot));

/** A run to its end, whatever its exit code. */
export function runPeer(command: readonly string[]): Promise<{ said: string; code: number }> {
  const [program = '', ...args] = command;
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return new Promise((resolve) =>
    execFile(program, args, { env: { ...env, LC_ALL: 'C.UTF-8' } }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ said: `${stdout}${stderr}`, code });
    }),
  );
}
