import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testWith } from '../support/suite.ts';

const OWNER = new URL('../../agent/src/effects/owner.js', import.meta.url).href;
const NOBODY = 65534;
/** A Node as Debian 13 builds it. */
const REFUSES = `process.setgroups = () => {
  throw Object.assign(new Error('setgroups() disabled'), { code: 'ERR_INVALID_STATE' });
};`;
const COMMAND = `
import { writeFileSync } from 'node:fs';
const { becomeOwner } = await import(${JSON.stringify(OWNER)});
const [, , folder, status] = process.argv;
becomeOwner(folder);
writeFileSync(folder + '/written', '');
console.log(JSON.stringify([process.getuid(), process.getgid(), process.getgroups()]));
process.exitCode = Number(status);`;

for (const [node, preload] of [
  ['this Node', ''],
  ['a Node that lets nobody become another user', REFUSES],
] as const)
  testWith({ root: true }, `root’s command writes as the owner of the folder: ${node}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'compliance-owner-'));
    const [state, command, first] = ['.', 'command.mjs', 'first.cjs'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    try {
      writeFileSync(command, COMMAND);
      writeFileSync(first, preload);
      chownSync(state, NOBODY, NOBODY);
      chmodSync(state, 0o755);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--require', first, command, state, '3'],
        { encoding: 'utf8' },
      );
      assert.is(status, 3, stderr);
      assert.equal(JSON.parse(stdout), [NOBODY, NOBODY, [NOBODY]]);
      assert.is(statSync(join(folder, 'written')).uid, NOBODY);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

test.run();
