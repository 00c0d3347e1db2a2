import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDocument } from '../../agent/src/effects/document.ts';
import { parseYaml } from '../../agent/src/effects/yaml.ts';
import { InputError } from '../../agent/src/wire/input.ts';

const folder = mkdtempSync(join(tmpdir(), 'document-'));
const file = join(folder, 'config.yaml');
test.after(() => rmSync(folder, { recursive: true }));

/** What is made of a text, or why nothing is. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return { value: await read() };
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
}

const value = { b: [1, -0.5, 1e21, true, null], a: { é: 'ü\n"\\\u0000' }, '2': '', __proto__x: {} };
const texts: [title: string, text: string][] = [
  ['JSON in one line, as the Nix module writes it', `${JSON.stringify(value)}\n`],
  ['JSON, indented', JSON.stringify(value, null, 2)],
  ['JSON with keys in another order than JavaScript keeps', '{"b":1,"1":2}'],
  ['JSON with spaces', '{ "a" : [ 1,2 ] }'],
  ['JSON in which a key stands twice', '{"a":1,"a":2}'],
  ['JSON in which a key stands twice alike', '{"a":{"b":1,"b":1}}'],
  ['JSON that names a prototype', '{"__proto__":{"a":1},"b":1}'],
  ['numbers written otherwise', '{"a":1.0,"b":1e2,"c":-0}'],
  ['a character that YAML does not know', '{"a":"\u007f"}'],
  ['half a character', '{"a":"\\ud800"}'],
  ['a list', '[1]'],
  ['a text', '"a"'],
  ['nothing', ''],
  ['null', 'null\n'],
  ['a comment', '# nothing\n'],
  ['YAML', 'a: 1\nb: [x, yes]\n'],
  ['YAML in which a key stands twice', 'a: 1\na: 2\n'],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['what is neither', '{"a":'],
];
for (const [title, text] of texts) {
  test(`${title}: read as YAML's parser reads it`, async () => {
    writeFileSync(file, text);
    assert.equal(
      await outcome(() => readDocument(file)),
      await outcome(() => parseYaml(text, file)),
    );
  });
}

test('a file that cannot be read is named', async () => {
  const none = join(folder, 'none');
  assert.match(String(await outcome(() => readDocument(none))), /none.*found no such file/s);
  assert.match(String(await outcome(() => readDocument(folder))), /found a folder/);
});

test.run();
