import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command, CommandResult } from '../../agent/src/core/host.ts';
import { runTogether } from '../../agent/src/effects/host/together.ts';
import { FailureError, toFailure } from '../../agent/src/wire/failure.ts';

const never = new AbortController().signal;
const show = (...operands: string[]): Command => ({
  tool: 'systemctl',
  args: ['show', '--'],
  operands,
  name: 'units',
});

/** A tool that answers with its operands, and what it was run with. */
function tool(answer: (signal: AbortSignal) => Promise<void> = async () => {}) {
  const runs: { operands: readonly string[] | undefined; signal: AbortSignal }[] = [];
  const run = runTogether(async (command, signal): Promise<CommandResult> => {
    runs.push({ operands: command.operands, signal });
    await answer(signal);
    return { stdout: (command.operands ?? ['alone']).join(), exitCode: 0 };
  });
  return { run, runs };
}

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (thrown) => toFailure(thrown, 'test').code,
  );

test('what checks ask in one moment is one run, of each operand once', async () => {
  const { run, runs } = tool();
  const answers = await Promise.all([
    run(show('a', 'b'), never),
    run(show('b', 'c'), never),
    run(show('c'), never),
  ]);
  assert.equal(
    runs.map(({ operands }) => operands),
    [['a', 'b', 'c']],
  );
  assert.equal(
    answers.map(({ stdout }) => stdout),
    ['a,b,c', 'a,b,c', 'a,b,c'],
  );
});

test('what is asked later, with other arguments or without operands is a run of its own', async () => {
  const { run, runs } = tool();
  await run(show('a'), never);
  await Promise.all([
    run(show('a'), never),
    run({ ...show('a'), args: ['status'] }, never),
    run({ tool: 'systemctl', args: ['show', '--'], name: 'version' }, never),
  ]);
  assert.is(runs.length, 4);
});

test('each asker has its own time limit; the run ends when the last has passed', async () => {
  const ended = (signal: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () => reject(new FailureError('timeout', {}))),
    );
  const { run, runs } = tool(ended);
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [run(show('a'), first.signal), run(show('b'), second.signal)].map(failure);
  await new Promise((resolve) => setImmediate(resolve));
  first.abort();
  assert.is(await asked[0], 'timeout');
  assert.not.ok(runs[0]?.signal.aborted, 'the other still waits');
  second.abort();
  assert.is(await asked[1], 'timeout');
  assert.ok(runs[0]?.signal.aborted);
});

test('a run that fails fails for each', async () => {
  const { run } = tool(() => Promise.reject(new FailureError('tool_missing', {})));
  const asked = [run(show('a'), never), run(show('b'), never)].map(failure);
  assert.equal(await Promise.all(asked), ['tool_missing', 'tool_missing']);
});

test.run();
