import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ProbeDocument } from '../../../agent/src/wire/probe-document.ts';
import { DIST } from '../../support/suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'probe-'));
const config = join(folder, 'config.yaml');
test.after(() => rmSync(folder, { recursive: true }));

function probe(name: string) {
  const args = [join(DIST, 'compliance-agent.js'), 'probe', name, '--config', config];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

test('what a probe cannot do is a document too, and no failed unit', () => {
  writeFileSync(config, `baseline_path: ${join(folder, 'none.yaml')}\n`);
  const { stdout, status } = probe('antivirus');
  assert.is(status, 0);
  assert.ok(stdout.endsWith('}\n'));
  const document = ProbeDocument.parse(JSON.parse(stdout));
  assert.equal(document.ok === false && document.error, {
    code: 'malformed',
    params: { where: 'config' },
  });
});

test('a probe whose check has no section has nothing to look at', () => {
  writeFileSync(config, `baseline_path: ${join(folder, 'baseline.yaml')}\n`);
  writeFileSync(join(folder, 'baseline.yaml'), 'version: 1\n');
  const document = ProbeDocument.parse(JSON.parse(probe('antivirus').stdout));
  assert.equal(document.ok === false && document.error, {
    code: 'absent',
    params: { where: 'checks.antivirus' },
  });
});

test('whoever asked may go before the answer comes', () => {
  const args = [join(DIST, 'compliance-agent.js'), 'probe', 'antivirus', '--config', config];
  const command = ['-o', 'pipefail', '-c', `{ sleep 0.1; exec "$@"; } | true`, 'sh'];
  const { status, stderr } = spawnSync('bash', [...command, process.execPath, ...args], {
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [0, '']);
});

test('a probe that there is not is wrong usage', () => {
  const { stderr, status } = probe('passwords');
  assert.is(status, 64);
  assert.match(stderr, 'expected one of firewall');
});

test.run();
