import { existsSync } from 'node:fs';
import { askControl } from '../../../effects/control/ask.ts';
import { becomeOwner } from '../../../effects/owner.ts';
import type { ControlRequest } from '../../../wire/control.ts';
import { type FailureCode, FailureError } from '../../../wire/failure.ts';
import type { Json } from '../../../wire/primitives.ts';
import { type Agent, openAgent } from '../../agent.ts';
import type { Config } from '../../config.ts';
import { controlSocket } from '../../control/socket-path.ts';

/** Seconds that the daemon may take for what was asked of it. */
const PATIENCE = 600;

/**
 * Does what only the one writer of a state folder may do: a daemon that runs is asked; else it is done alone, as the
 * folder's owner. Root asks as root: some builds of Node let nobody become another user (CVE-2024-22017).
 */
export async function aloneOrDaemon({
  config,
  root = '/',
  request,
  alone,
}: {
  config: Config;
  root?: string;
  request: ControlRequest;
  alone: (agent: Agent) => Promise<Json>;
}): Promise<Json> {
  const { state_dir: stateDir } = config.settings;
  const ask = () =>
    askControl({ path: controlSocket(stateDir), request, timeoutMs: PATIENCE * 1000 });
  try {
    return await ask();
  } catch (error) {
    if (!isFailure(error, 'unreachable')) throw error;
  }
  if (existsSync(stateDir)) becomeOwner(stateDir);
  const agent = openUnlessBusy(config, root);
  if (agent === null) return ask();
  try {
    return await alone(agent);
  } finally {
    agent.close();
  }
}

/** Null where another process holds the state folder. */
function openUnlessBusy(config: Config, root: string): Agent | null {
  try {
    return openAgent({ config, root, patienceMs: PATIENCE * 1000 });
  } catch (error) {
    if (isFailure(error, 'busy')) return null;
    throw error;
  }
}

const isFailure = (error: unknown, code: FailureCode): boolean =>
  error instanceof FailureError && error.failure.code === code;
