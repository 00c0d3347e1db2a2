import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHECKS } from '../../agent/src/checks/index.ts';
import { fingerprint } from '../../agent/src/core/changes.ts';
import type { Check } from '../../agent/src/core/check.ts';
import { concludeCheck } from '../../agent/src/core/judge.ts';
import { observe } from '../../agent/src/effects/observe.ts';
import type { CheckState } from '../../agent/src/wire/verdict.ts';
import { fixtureHost } from '../support/fixture-host.ts';
import { FIXTURES } from '../support/suite.ts';

/** The same host looked at this many milliseconds later. */
async function look(check: Check, state: string, later: number): Promise<CheckState> {
  const { host, section, now: then } = fixtureHost(check.id, state);
  const now = new Date(then.getTime() + later);
  const expected = section === undefined ? undefined : check.expectation.parse(section);
  return concludeCheck(await observe(check, { host, section: expected, now }), {
    exceptions: [],
    now,
  });
}

/** What a recorded finding says must not count the minutes, or every cycle would leave a bundle (DESIGN 3). */
for (const check of CHECKS) {
  const folder = join(FIXTURES, check.id);
  const states = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  for (const { name } of states) {
    test(`${check.id} of fixture ${name} says the same in the next cycle`, async () => {
      const [first, next] = [await look(check, name, 0), await look(check, name, 300_000)];
      assert.equal(
        next.findings.map(({ message: _, ...finding }) => finding),
        first.findings.map(({ message: _, ...finding }) => finding),
      );
      assert.is(fingerprint(next), fingerprint(first));
    });
  }
}

test.run();
