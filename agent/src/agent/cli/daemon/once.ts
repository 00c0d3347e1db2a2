import { resolve } from 'node:path';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { CycleAnswer } from '../../../wire/control.ts';
import { describeFailure } from '../../../wire/failure.ts';
import type { Json } from '../../../wire/primitives.ts';
import { loadConfig } from '../../config.ts';
import { cycleAnswer } from '../../control/daemon-verbs.ts';
import type { ConfigOption } from '../options.ts';
import { aloneOrDaemon } from './ask.ts';
import { exitCodeOf, printStates } from './check.ts';
import type { RootOption } from './index.ts';

/** One cycle, recorded. Compliance that could not be recorded is not proved, so it is no 0. */
export async function once({
  config: file,
  root,
  json = false,
}: ConfigOption & RootOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const answer: Json = await aloneOrDaemon({
    config,
    root: resolve(root),
    request: { verb: 'cycle' },
    alone: cycleAnswer,
  });
  const { states, failure } = CycleAnswer.parse(answer);
  await printStates(states, json);
  const code = exitCodeOf(states);
  process.exitCode = code;
  if (failure === null) return;
  const unproved = code === EXIT.ok ? EXIT.unknown : code;
  throw new Exit(unproved, `evidence could not be written: ${describeFailure(failure)}`);
}
