import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DIST } from '../support/suite.ts';

const LIB = join(DIST, 'lib');
const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.js'),
);

test('what a bundled file requires by a path lies there, seen from its own folder', () => {
  const missing: string[] = [];
  for (const name of files) {
    const text = readFileSync(join(LIB, name), 'utf8');
    // esbuild's shim requires from the folder of the chunk in which it lies
    if (/__require\)?\("\./.test(text)) missing.push(`${name}: by another file's require`);
    for (const [, path = ''] of text.matchAll(/\brequire\("(\.[^"]*\.js)"\)/g))
      if (!existsSync(resolve(dirname(join(LIB, name)), path))) missing.push(`${name}: ${path}`);
  }
  assert.equal(missing, []);
  assert.ok(files.length > 20, 'files were looked at');
});

test.run();
