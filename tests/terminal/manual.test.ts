import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agentProgram } from '../../agent/src/agent/cli/program.ts';
import { serverProgram } from '../../agent/src/server/cli/program.ts';
import { inheritExamples } from '../../agent/src/terminal/examples.ts';
import { helpAfter, leaves, pathOf } from '../../agent/src/terminal/manual.ts';
import { DIST, testWith } from '../support/suite.ts';

const page = (name: string) => join(DIST, 'man/man8', `${name}.8`);

for (const program of [agentProgram(), serverProgram()]) {
  const commands = leaves(program);
  inheritExamples(program);

  test(`the manual page of ${program.name()} has every command and option`, () => {
    const text = readFileSync(page(program.name()), 'utf8');
    assert.ok(commands.length > 10);
    for (const command of commands) {
      assert.ok(text.includes(`.SS "${pathOf(command).replaceAll('-', '\\-')}`), pathOf(command));
      for (const { long } of command.options)
        assert.ok(text.includes((long ?? '').replaceAll('-', '\\-')), `${pathOf(command)} ${long}`);
    }
  });

  test(`the manual page of ${program.name()} is plain ASCII`, () =>
    assert.equal(readFileSync(page(program.name()), 'utf8').match(/[^\n -~]/g), null));

  testWith({ tools: ['groff'] }, `groff has no warning about ${program.name()}.8`, () => {
    const { status, stderr } = spawnSync(
      'groff',
      ['-ww', '-man', '-Tutf8', '-z', page(program.name())],
      { encoding: 'utf8' },
    );
    assert.equal([status, stderr], [0, '']);
  });

  for (const command of commands) {
    test(`${program.name()} ${pathOf(command)} --help shows how it is used`, () => {
      const help = helpAfter(command);
      assert.match(help, /^ +.*\b(compliance-(agent|server)|Exec\w+=)/m, help);
    });
  }
}

test.run();
