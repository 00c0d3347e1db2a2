import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toolFailure } from '../../agent/src/effects/firewall/tool.ts';
import { runToEnd } from '../../agent/src/effects/program.ts';
import { describeFailure, FailureError } from '../../agent/src/wire/failure.ts';

const run = (program: string, args: string[] = [], signal = new AbortController().signal) =>
  runToEnd({ program, tool: 'nft', args, input: 'typed\n', signal });

test('a program gets its input, and its exit code is an answer', async () => {
  const answer = await run('sh', ['-c', 'cat; echo told >&2; exit 7']);
  assert.equal(answer, { stdout: 'typed\n', stderr: 'told\n', exitCode: 7 });
});

test('one that ends without reading its input has answered all the same', async () => {
  assert.is((await run('true')).exitCode, 0);
});

const failures: [title: string, program: string, args: string[], told: string][] = [
  ['is not there', '/nonexistent', [], 'tool_missing (tool nft)'],
  ['may not be run', '/etc/passwd', [], 'denied (tool nft, errno EACCES)'],
  ['never ends its output', 'yes', [], 'too_large (tool nft, limit 67108864)'],
  ['is killed', 'sh', ['-c', 'kill -9 $$'], 'tool_failed (tool nft, reason SIGKILL)'],
];
for (const [title, program, args, told] of failures) {
  test(`a program that ${title} is ${told}`, async () => {
    const error = await run(program, args).catch((thrown: unknown) => thrown);
    assert.is(error instanceof FailureError && describeFailure(error.failure), told);
  });
}

test('a program is ended with the time of whoever asked', async () => {
  const controller = new AbortController();
  const running = run('sleep', ['1000'], controller.signal).catch((thrown: unknown) => thrown);
  controller.abort();
  const error = await running;
  assert.is(error instanceof FailureError && describeFailure(error.failure), 'timeout (tool nft)');
});

const refusals: [stderr: string, exitCode: number, told: string][] = [
  ['Operation not permitted (you must be root)', 1, 'denied (tool nft, exit_code 1, errno EPERM)'],
  ['Unable to initialize Netlink socket', 3, 'denied (tool nft, exit_code 3, errno EAFNOSUPPORT)'],
  ['Error: syntax error', 1, 'tool_failed (tool nft, exit_code 1)'],
];
for (const [stderr, exitCode, told] of refusals) {
  test(`“${stderr}” is ${told}`, () => {
    assert.is(describeFailure(toolFailure('nft', { stderr, exitCode }).failure), told);
  });
}

test.run();
