import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHECKS } from '../../agent/src/checks/index.ts';
import { CheckId, RemedyId } from '../../agent/src/wire/primitives.ts';
import { FIXTURES, REPOSITORY } from '../support/suite.ts';

const STATES = ['compliant', 'drifted', 'absent', 'unreadable'];

test('every check has fixtures of each state and a test of its own', () => {
  const needed = CHECKS.flatMap(({ id }) => [
    ...STATES.map((state) => join(FIXTURES, id, state)),
    join(REPOSITORY, 'tests', 'checks', `${id}.test.ts`),
  ]);
  assert.equal(
    needed.filter((path) => !existsSync(path)),
    [],
  );
});

test('ids are unique and of the wire’s shape', () => {
  const ids = CHECKS.map(({ id }) => id);
  assert.equal([...new Set(ids)], ids);
  for (const { id, remedy } of CHECKS) {
    assert.ok(CheckId.safeParse(id).success, id);
    assert.ok(RemedyId.safeParse(remedy).success, remedy);
  }
});

test('every check cites 45 CFR part 164 and NIST 800-53', () => {
  for (const { id, citations } of CHECKS) {
    const ids = (framework: string) =>
      citations.filter((citation) => citation.framework === framework).map(({ id }) => id);
    assert.ok(ids('hipaa').length > 0, `${id}: hipaa`);
    assert.ok(ids('nist-800-53r5').length > 0, `${id}: nist`);
    for (const one of ids('hipaa')) assert.match(one, /^164\.\d{3}(\([a-zA-Z0-9]+\))+$/);
    for (const one of ids('nist-800-53r5')) assert.match(one, /^[A-Z]{2}-\d+(\(\d+\))?$/);
  }
});

test.run();
