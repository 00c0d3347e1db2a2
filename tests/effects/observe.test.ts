import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as z from 'zod';
import { type Check, defineCheck } from '../../agent/src/core/check.ts';
import type { Host } from '../../agent/src/core/host.ts';
import { createHost } from '../../agent/src/effects/host/index.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import { FailureError } from '../../agent/src/wire/failure.ts';

const now = new Date('2026-11-22T09:00:00.000Z');
const host = (signal: AbortSignal): Host => createHost({ runtimeDir: '/nowhere', signal });
const check = (over: Partial<Check>): Check => ({
  ...defineCheck({
    id: 'sample',
    title: 'Sample',
    citations: [],
    remedy: 'none',
    timeout: 5,
    expectation: z.strictObject({}),
    facts: z.strictObject({ n: z.number() }),
    probe: async () => ({ n: 1 }),
    judge: () => ({ applicable: true, observations: [] }),
  }),
  ...over,
});
const look = { host, section: {}, now };

test('facts and judgement are what was seen', async () => {
  assert.equal(await observe(check({}), look), {
    check: 'sample',
    facts: { n: 1 },
    judgement: { applicable: true, observations: [] },
  });
});

test('without a section of the baseline nothing is looked at', async () => {
  const never = check({ probe: () => assert.unreachable() as never });
  const seen = await observe(never, { ...look, section: undefined });
  assert.is('judgement' in seen && seen.judgement.applicable, false);
});

const errors: [title: string, over: Partial<Check>, error: object][] = [
  [
    'a failure of the look is its error',
    { probe: () => Promise.reject(new FailureError('denied', { errno: 'EACCES' })) },
    { code: 'denied', params: { errno: 'EACCES' } },
  ],
  [
    'a defect of a probe names the check and carries no message',
    { probe: () => Promise.reject(new TypeError('user hans')) },
    { code: 'internal', params: { where: 'check.sample' } },
  ],
  [
    'a defect of a judge is no verdict',
    {
      judge: () => {
        throw new TypeError('x');
      },
    },
    { code: 'internal', params: { where: 'check.sample' } },
  ],
  [
    'facts that the schema does not list never get further',
    { probe: async () => ({ n: 1, user: 'hans' }) },
    { code: 'malformed', params: { where: 'sample.facts' } },
  ],
  [
    'a wrong fact is named',
    { probe: async () => ({ n: 'one' }) },
    { code: 'malformed', params: { where: 'sample.facts.n' } },
  ],
];
for (const [title, over, error] of errors) {
  test(title, async () => {
    assert.equal(await observe(check(over), look), { check: 'sample', error });
  });
}

test('a check that never answers ends with its time', async () => {
  const hanging = check({ probe: () => new Promise(() => {}) });
  assert.equal(await observe(hanging, { ...look, timeout: 0.01 }), {
    check: 'sample',
    error: { code: 'timeout', params: { limit: 0.01 } },
  });
});

test('what listens to the signal says more exactly what took so long', async () => {
  const listening = check({
    probe: ({ host }) => host.run({ tool: 'systemctl', args: [], name: 'x' }),
  });
  const slow = (signal: AbortSignal): Host => ({
    ...host(signal),
    run: () =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () =>
          reject(new FailureError('timeout', { tool: 'systemctl' })),
        );
      }),
  });
  assert.equal(await observe(listening, { ...look, host: slow, timeout: 0.01 }), {
    check: 'sample',
    error: { code: 'timeout', params: { tool: 'systemctl' } },
  });
});

test.run();
