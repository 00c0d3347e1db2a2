import { join } from 'node:path';

/** Where the daemon of a state folder listens. */
export function controlSocket(stateDir: string): string {
  return join(stateDir, 'control.sock');
}
