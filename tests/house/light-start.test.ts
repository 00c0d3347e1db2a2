import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIST } from '../support/suite.ts';

// A command that only declares its options must not load what it needs to act: the entry is parsed at every start.
for (const program of ['compliance-agent', 'compliance-server']) {
  test(`the entry of ${program} holds its commands and their parser, no schema or store`, () => {
    const text = readFileSync(join(DIST, `${program}.js`), 'utf8');
    assert.ok(text.includes('CommanderError'), 'it is the entry');
    for (const mark of ['ZodType', 'better-sqlite3', 'undici', 'tweetnacl', 'execa']) {
      assert.not.ok(text.includes(mark), `${program}.js contains ${mark}`);
    }
  });
}

test('what privileged units run is whole in one file, without schemas, commands or YAML', () => {
  const text = readFileSync(join(DIST, 'probe.js'), 'utf8');
  assert.ok(text.includes('iptables-save'), 'it is the probes');
  for (const mark of ['ZodType', 'CommanderError', 'YAMLException', 'better-sqlite3', 'tweetnacl'])
    assert.not.ok(text.includes(mark), `probe.js contains ${mark}`);
});

test.run();
