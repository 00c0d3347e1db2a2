import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isPlainBundle } from '../../agent/src/core/plain-bundle.ts';
import { bundleBytes } from '../../agent/src/core/record.ts';
import { ParsedBundle } from '../../agent/src/wire/evidence.ts';
import { NO_DIGEST } from '../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf } from '../support/evidence.ts';

const UUID = '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10';
const LINK = { chain_id: UUID, sequence: 1, previous_digest: NO_DIGEST, key_id: NO_DIGEST };

type Fields = Record<string, unknown>;
const made = (): Fields =>
  JSON.parse(
    bundleBytes({ bundleId: UUID, draft: draftOf(), context: CONTEXT, link: LINK }).toString(),
  );

test('an ordinary bundle is plain, and goes through its schema unchanged', () => {
  assert.ok(isPlainBundle(made()));
  assert.equal(ParsedBundle.parse(made()), made());
});

test('each field counts: without it, of a wrong kind or with one more nothing is plain', () => {
  for (const field of Object.keys(made())) {
    const { [field]: _, ...less } = made();
    assert.not.ok(isPlainBundle(less), `without ${field}`);
    if (/^(pre|post)_state$/.test(field)) continue; // any JSON
    for (const wrong of [7.5e9 + 0.5, 'É', {}, [1], [[]]])
      if (!ParsedBundle.safeParse({ ...made(), [field]: wrong }).success)
        assert.not.ok(isPlainBundle({ ...made(), [field]: wrong }), `${field}: ${wrong}`);
  }
  assert.not.ok(isPlainBundle({ ...made(), more: 1 }));
});

/** What stands in fields, and what nearly does; `JSON.parse` gives Infinity for 1e999. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 2 ** 53, 2 ** 53 - 1, -0, Infinity, '', [], {}, [''], [[]]],
  ...[UUID, UUID.toUpperCase(), `${UUID}\n`, UUID.replace('-4', '-5'), NO_DIGEST, `${NO_DIGEST}0`],
  ...['direct', 'reseller', 'compliant', 'recorded', 'Compliant', 'compliance-agent/evidence/v1'],
  ...['host-1', '-host', 'h'.repeat(63), 'h'.repeat(64), 'h'.repeat(65), 'h'.repeat(512)],
  ...['h'.repeat(513), 'firewall', 'f'.repeat(41), 'é'.repeat(64), '\u{1f600}'.repeat(32)],
  ...['2026-11-22T09:30:00.000Z', '2026-11-22T09:30:00Z', '2026-02-30T09:30:00.000Z'],
  ...['2028-02-29T09:30:00.000Z', '2026-12-31T23:59:59.999Z', '2026-12-31T24:00:00.000Z'],
  ...['2026-13-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '2026-01-01T00:60:00.000Z'],
  ...[Array(32).fill('164.312(b)'), Array(33).fill('164.312(b)'), ['h'.repeat(65)]],
  ...[
    { code: 'absent', params: {} },
    { code: 'no such', params: {} },
  ],
];

test('whatever stands in its fields, what is plain passes the schema as it is', () => {
  const fields = Object.keys(made());
  const change = fc.tuple(
    fc.constantFrom(...fields),
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...VALUES) }, fc.jsonValue()),
  );
  let plain = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
      const bundle = { ...made(), ...Object.fromEntries(changes) };
      if (!isPlainBundle(bundle)) return;
      plain += 1;
      const { data } = ParsedBundle.safeParse(bundle);
      assert.equal(data, bundle as unknown);
    }),
    { numRuns: 5000 },
  );
  assert.ok(plain > 200, 'some are');
});

test.run();
