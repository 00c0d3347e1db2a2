import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as z from 'zod';
import { baselineSchema, parseBaseline } from '../../agent/src/checks/baseline.ts';
import { CHECKS } from '../../agent/src/checks/index.ts';
import { InputError } from '../../agent/src/wire/input.ts';

test('a section comes out with its defaults, a check without a section stays without', () => {
  const { checks } = parseBaseline({ version: 1, checks: { patching: {} } }, 'b.yaml');
  assert.equal(checks, { patching: { max_age_days: 30, reboot_within_days: 7 } });
  assert.equal(parseBaseline({ version: 1 }, 'b.yaml').checks, {});
});

test('every wrong field of every section is named at once', () => {
  const checks = {
    patching: { max_age_days: 0, maximum: 1 },
    antivirus: { units: [{ unit: 'clamd' }] },
    logging: { canary_max_latency_ms: 'fast' },
    passwords: {},
  };
  try {
    parseBaseline({ version: 1, checks }, 'b.yaml');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, InputError);
    assert.equal((error as InputError).issues.map(({ field }) => field).sort(), [
      'checks.antivirus.units.0.unit',
      'checks.logging.canary_max_latency_ms',
      'checks.passwords',
      'checks.patching.max_age_days',
      'checks.patching.maximum',
    ]);
  }
});

test('the baseline has a JSON Schema with a section for each check', () => {
  const schema = z.toJSONSchema(baselineSchema(), { io: 'input' });
  const { checks } = schema.properties as { checks: { properties: object } };
  assert.equal(
    Object.keys(checks.properties),
    CHECKS.map(({ id }) => id),
  );
});

test.run();
