import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CHECKS } from '../../../agent/src/checks/index.ts';
import { crosswalk, FRAMEWORKS } from '../../../agent/src/core/frameworks/index.ts';

const lines = FRAMEWORKS.flatMap(({ id: framework, requirements }) =>
  Object.entries(requirements).map(([id, requirement]) => ({ framework, id, ...requirement })),
);

/** DESIGN section 4, word for word. */
const DESIGN: Record<string, [hipaa: string, nist: string]> = {
  patching: ['164.308(a)(1)(ii)(B) 164.308(a)(8)', 'SI-2 CM-2 CM-3 CM-6'],
  antivirus: ['164.308(a)(5)(ii)(B)', 'SI-3 SI-4 SI-7'],
  backup: [
    '164.308(a)(7)(ii)(A) 164.308(a)(7)(ii)(B) 164.308(a)(7)(ii)(D) 164.310(d)(2)(iv)',
    'CP-4 CP-9 CP-9(1) CP-10',
  ],
  logging: ['164.312(b) 164.308(a)(1)(ii)(D)', 'AU-2 AU-5 AU-9 AU-12'],
  firewall: ['164.312(a)(1) 164.312(e)(1)', 'SC-7 SC-7(5) AC-4 CM-6(2)'],
  encryption: ['164.312(a)(2)(iv) 164.312(e)(2)(ii)', 'SC-28 SC-28(1) SC-12 SC-13'],
};

test('the checks of the design cite what it says', () => {
  for (const [id, cited] of Object.entries(DESIGN)) {
    const citations = CHECKS.find((check) => check.id === id)?.citations ?? [];
    const ids = ['hipaa', 'nist-800-53r5'].map((name) =>
      citations
        .filter(({ framework }) => framework === name)
        .map((one) => one.id)
        .join(' '),
    );
    assert.equal(ids, cited, id);
  }
});

test('each check cites lines of the tables, with their title and specification', () => {
  for (const { citations } of CHECKS) {
    for (const { framework, id: cited, title, specification } of citations) {
      const line = lines.find((one) => one.framework === framework && one.id === cited);
      assert.is(line?.title, title);
      assert.is(line?.specification, specification);
    }
  }
});

test('every line has a title and a source, and relates only to lines that are there', () => {
  const ids = new Set(lines.map(({ id }) => id));
  for (const { framework, id, title, source, relates = [] } of lines) {
    assert.ok(title.length > 3 && source.length > 10, `${framework} ${id}`);
    assert.equal(
      relates.filter((other) => !ids.has(other)),
      [],
      `${framework} ${id}`,
    );
  }
});

test('every line of HIPAA is a standard, required or addressable', () => {
  const own = lines.filter(({ framework }) => framework === 'hipaa');
  assert.ok(own.length > 15);
  for (const { id, specification } of own) assert.ok(specification !== undefined, id);
  const addressable = own.filter(({ specification }) => specification === 'addressable');
  assert.equal(
    addressable.map(({ id }) => id),
    [
      '164.308(a)(5)(ii)(B)',
      '164.308(a)(7)(ii)(D)',
      '164.310(d)(2)(iv)',
      '164.312(a)(2)(iv)',
      '164.312(e)(2)(ii)',
    ],
  );
});

test('a crosswalk finds the guide’s section, and the proposal only where the profile asks for it', () => {
  const logging = CHECKS.find(({ id }) => id === 'logging')?.citations ?? [];
  const served = (profile: string) =>
    crosswalk(logging, { profile })
      .filter(({ framework }) => framework !== 'hipaa' && framework !== 'nist-800-53r5')
      .map(({ framework, id }) => `${framework} ${id}`);
  assert.equal(served('hipaa'), ['nist-800-66r2 5.1.1', 'nist-800-66r2 5.3.2']);
  assert.equal(served('nprm-2025'), [
    'nist-800-66r2 5.1.1',
    'nist-800-66r2 5.3.2',
    'nprm-2025 164.312(d)(1)',
  ]);
});

test('no line of the law or of NIST’s catalogue is from memory; what is, says so', () => {
  const unconfirmed = lines.filter((line) => 'unconfirmed' in line && line.unconfirmed);
  const frameworks = new Set(unconfirmed.map(({ framework }) => framework));
  assert.equal([...frameworks], ['nist-800-66r2', 'nprm-2025']);
  const proposal = lines.filter(({ framework }) => framework === 'nprm-2025');
  assert.equal(
    proposal.filter((line) => !unconfirmed.includes(line)).map(({ id }) => id),
    ['164.312(a)(1)'],
  );
});

test('no check rests on a proposal', () => {
  const proposals = FRAMEWORKS.filter(({ status }) => status === 'proposal').map(({ id }) => id);
  assert.equal(proposals, ['nprm-2025']);
  for (const { citations } of CHECKS)
    assert.not.ok(citations.some(({ framework }) => proposals.includes(framework)));
});

test.run();
