import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNixosVersion } from '../../agent/src/core/nixos-version.ts';

const cases: [text: string, date: string | null, revision: string | null][] = [
  ['25.05.20250601.910796c', '2025-06-01', '910796c'],
  ['25.11pre20251103.0123abc\n', '2025-11-03', '0123abc'],
  ['25.05.803579.70c74b02eac4', null, '70c74b02eac4'],
  ['25.11pre803579.70c74b02eac4', null, '70c74b02eac4'],
  ['25.05.20250601.dirty', '2025-06-01', null],
  ['25.05.20251332.910796c', null, '910796c'],
  ['25.05.3', null, null],
  ['25.05pre-git', null, null],
  ['', null, null],
];
for (const [text, date, revision] of cases) {
  test(`NixOS version ${JSON.stringify(text)}`, () => {
    assert.equal(parseNixosVersion(text), { date, revision });
  });
}

test.run();
