import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as z from 'zod';
import { answerRequest, defineVerb } from '../../agent/src/agent/control/verbs.ts';
import { askControl } from '../../agent/src/effects/control/ask.ts';
import { type ControlListener, listenControl } from '../../agent/src/effects/control/listen.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';
import { InputError } from '../../agent/src/wire/input.ts';

const folder = mkdtempSync(join(tmpdir(), 'control-'));
const path = join(folder, 'control.sock');
let listener: ControlListener;

const verbs = {
  add: defineVerb({
    params: z.strictObject({ a: z.number(), b: z.number() }),
    run: ({ a, b }) => a + b,
  }),
  'disk full': defineVerb({
    params: z.strictObject({}),
    run: () => {
      throw new FailureError('storage_full', { errno: 'ENOSPC' });
    },
  }),
};

const test = suite('control socket');
test.before(async () => {
  writeFileSync(path, 'left by a killed daemon');
  chmodSync(path, 0o666);
  listener = await listenControl({ path, answer: (line) => answerRequest(verbs, line) });
});
test.after(async () => {
  await listener.close();
  rmSync(folder, { recursive: true });
});

async function failureOf(work: Promise<unknown>): Promise<FailureError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, FailureError);
  return error as FailureError;
}

/** What a client that sends this text reads until the daemon ends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ path }, () => socket.write(text));
    let answer = '';
    socket.on('data', (part) => {
      answer += part.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

test('is closed to other users', () => {
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test('a verb is done and answered', async () => {
  assert.is(await askControl({ path, request: { verb: 'add', params: { a: 2, b: 3 } } }), 5);
});

const refused: [title: string, verb: string, params: Record<string, number>, code: string][] = [
  ['an unknown verb', 'fly', {}, 'unsupported'],
  ['a verb that is a property of every object', 'constructor', {}, 'unsupported'],
  ['an unknown parameter', 'add', { a: 1, b: 2, c: 3 }, 'malformed'],
  ['a missing parameter', 'add', { a: 1 }, 'malformed'],
  ['a verb that fails', 'disk full', {}, 'storage_full'],
];
for (const [title, verb, params, code] of refused) {
  test(`${title} is answered with ${code}`, async () => {
    const error = await failureOf(askControl({ path, request: { verb, params } }));
    assert.is(error.failure.code, code);
  });
}

test('what is no JSON is answered as malformed', async () => {
  assert.match(await raw('status\n'), /"ok":false.*"malformed"/);
});

test('a request that never ends is cut, and others are still answered', async () => {
  assert.is(await raw('x'.repeat(100_000)), '');
  assert.is(await askControl({ path, request: { verb: 'add', params: { a: 1, b: 1 } } }), 2);
});

test('where nobody listens the daemon is unreachable', async () => {
  const nobody = join(folder, 'none.sock');
  const error = await failureOf(askControl({ path: nobody, request: { verb: 'add' } }));
  assert.is(error.failure.code, 'unreachable');
});

test('a state folder whose socket path would be too long is refused by name', async () => {
  const long = join(folder, 'x'.repeat(120));
  try {
    await listenControl({ path: long, answer: async () => '' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
    assert.match((error as Error).message, /state_dir: .* at most 107 bytes/);
  }
});

test.run();
