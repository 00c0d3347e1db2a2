import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256Hex } from '../../../agent/src/wire/canonical.ts';
import type { CheckState } from '../../../agent/src/wire/verdict.ts';
import { DIST, testWith } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'check-direct-'));
test.after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const RULES =
  'table inet mine { chain input { type filter hook input priority 0; policy drop; }\n}\n';
chmodSync(folder, 0o755); // another user is to read the settings
mkdirSync(at('tools'));
mkdirSync(at('cache'));
writeFileSync(at('rules.nft'), RULES);
writeFileSync(at('program'), 'program');
writeFileSync(
  at('baseline.json'),
  JSON.stringify({
    version: 1,
    checks: {
      antivirus: {
        units: [{ unit: 'av.service', executable: at('program'), sha256: sha256Hex('program') }],
      },
      firewall: {
        backend: 'nftables',
        tables: ['inet/mine'],
        reference: { file: at('rules.nft') },
      },
    },
  }),
);
writeFileSync(
  at('config.json'),
  JSON.stringify({ baseline_path: at('baseline.json'), runtime_dir: at('none') }),
);
writeFileSync(
  at('tools/systemctl'),
  '#!/bin/sh\nprintf "Id=av.service\\nLoadState=loaded\\nActiveState=active\\nSubState=exited\\nMainPID=0\\n"\n',
);
chmodSync(at('tools/systemctl'), 0o755);

/** No socket listens here: whatever is seen, this process saw itself. */
function check(
  id: string,
  { before = [], options = ['--direct'] }: { before?: string[]; options?: string[] } = {},
) {
  const [program = '', ...args] = [...before, process.execPath, join(DIST, 'compliance-agent.js')];
  const given = ['check', id, '--json', '--config', at('config.json'), ...options];
  const { status, stdout, stderr } = spawnSync(program, [...args, ...given], {
    encoding: 'utf8',
    env: {
      PATH: `${at('tools')}:${process.env.PATH}:/usr/sbin:/sbin`,
      CACHE_DIRECTORY: at('cache'),
    },
  });
  const [state] = stdout === '' ? [] : (JSON.parse(stdout) as CheckState[]);
  return { status, state, stderr };
}

testWith({ root: true }, 'root’s own process hashes where no probe listens', () => {
  assert.is(check('antivirus', { options: [] }).state?.verdict, 'unknown');
  const { status, state } = check('antivirus');
  assert.equal([status, state?.findings], [0, []]);
});

testWith(
  { root: true, tools: ['unshare', 'nft'] },
  'the firewall’s reference is loaded into a namespace of its own, not into that of the check',
  () => {
    const empty = check('firewall', { before: ['unshare', '--net', '--'] }).state;
    assert.equal(
      empty?.findings.map(({ rule, subject }) => `${rule} ${subject}`),
      ['table_missing inet/mine'],
    );
  },
);

testWith({ root: true, tools: ['setpriv'] }, 'another user may not', () => {
  const user = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const { status, stderr } = check('antivirus', { before: user });
  assert.is(status, 1);
  assert.match(stderr, /check --direct: only root may do that/);
});

test.run();
