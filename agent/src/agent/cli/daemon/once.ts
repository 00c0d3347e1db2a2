import { resolve } from 'node:path';
import { z } from 'zod';
import { askControl } from '../../../effects/control/ask.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { describeFailure, Failure, FailureError } from '../../../wire/failure.ts';
import { CheckState } from '../../../wire/verdict.ts';
import { type Agent, openAgent } from '../../agent.ts';
import { type Config, loadConfig } from '../../config.ts';
import { controlSocket } from '../../control/socket-path.ts';
import type { ConfigOption } from '../options.ts';
import { exitCodeOf, printStates } from './check.ts';
import type { RootOption } from './index.ts';

const Cycle = z.object({ states: z.array(CheckState), failure: Failure.nullable() });

/** Seconds that the daemon may take for a cycle that was asked of it. */
const PATIENCE = 600;

/** One cycle, recorded. Compliance that could not be recorded is not proved, so it is no 0. */
export async function once({
  config: file,
  root,
  json = false,
}: ConfigOption & RootOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const agent = open(config, resolve(root));
  const { states, failure } = await (agent === null ? askDaemon(config) : cycleOf(agent));
  await printStates(states, json);
  const code = exitCodeOf(states);
  if (failure === null) process.exitCode = code;
  else
    throw new Exit(
      code === EXIT.ok ? EXIT.unknown : code,
      `evidence could not be written: ${describeFailure(failure)}`,
    );
}

/** Null where the daemon holds the state folder. */
function open(config: Config, root: string): Agent | null {
  try {
    return openAgent({ config, root });
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'busy') return null;
    throw error;
  }
}

async function cycleOf(agent: Agent): Promise<z.infer<typeof Cycle>> {
  try {
    const { states } = await agent.cycle();
    return { states: [...states], failure: agent.recorder.failure() };
  } finally {
    agent.close();
  }
}

async function askDaemon({ settings }: Config): Promise<z.infer<typeof Cycle>> {
  const path = controlSocket(settings.state_dir);
  const answer = await askControl({ path, request: { verb: 'cycle' }, timeoutMs: PATIENCE * 1000 });
  return Cycle.parse(answer);
}
