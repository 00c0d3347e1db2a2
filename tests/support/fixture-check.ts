import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Check } from '../../agent/src/core/check.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import { canonicalBytes } from '../../agent/src/wire/canonical.ts';
import { Json } from '../../agent/src/wire/primitives.ts';
import { CheckState } from '../../agent/src/wire/verdict.ts';
import { fixtureHost } from './fixture-host.ts';

/** Looks at a fixture host with a check, as a cycle would. */
export async function checkFixture(check: Check, state: string): Promise<CheckState> {
  const { host, section, now } = fixtureHost(check.id, state);
  const expected = section === undefined ? undefined : check.expectation.parse(section);
  const seen = await observe(check, { host, section: expected, now });
  return CheckState.parse(concludeCheck(seen, { exceptions: [], now }));
}

/** `rule subject` of each finding, or the code of the error, in the order that the check states them. */
export function summary({ findings, error }: CheckState): string[] {
  if (error !== null) return [error.code];
  return findings.map(({ rule, subject }) => `${rule} ${subject}`);
}

/** A row of a fixture table: the folder, the exact verdict, and what `summary` gives. */
export type FixtureCase = [state: string, verdict: CheckState['verdict'], found: string[]];

/** One test a row; what would enter evidence must also be canonical JSON. */
export function testFixtures(check: Check, cases: readonly FixtureCase[]): void {
  for (const [state, verdict, found] of cases) {
    test(`${check.id} of fixture ${state} is ${verdict}`, async () => {
      const concluded = await checkFixture(check, state);
      assert.equal({ verdict: concluded.verdict, found: summary(concluded) }, { verdict, found });
      assert.ok(canonicalBytes(Json.parse(concluded)).length > 0); // as the recorder takes it
    });
  }
}
