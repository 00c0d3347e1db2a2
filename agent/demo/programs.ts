import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundled programs; this file runs from agent/.build/agent/demo. */
const DIST = new URL('../../../dist/', import.meta.url);
export const AGENT_PROGRAM = fileURLToPath(new URL('compliance-agent.js', DIST));
export const SERVER_PROGRAM = fileURLToPath(new URL('compliance-server.js', DIST));
/** The stand-in for systemctl, compiled beside this file. */
export const SIMULATED_SYSTEMCTL = fileURLToPath(new URL('systemctl.js', import.meta.url));
/** Folder of the shell scripts that stand in for tools of a NixOS host; they are not compiled. */
export const STAND_INS = fileURLToPath(new URL('../../../demo/stand-ins/', import.meta.url));

/** What the agent’s unit sets in its environment. */
export function unitEnvironment(): Record<string, string> {
  const unit = readFileSync(
    new URL('../../../units/compliance-agent.service', import.meta.url),
    'utf8',
  );
  const assignments = /^Environment=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  return Object.fromEntries(assignments.map((one) => one.split('=') as [string, string]));
}
