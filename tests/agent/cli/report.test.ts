import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { generateKey } from '../../../agent/src/effects/keys.ts';
import type { Json } from '../../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { DAY } from '../../support/report.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';
import { DIST } from '../../support/suite.ts';

function agent(stateDir: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(DIST, 'compliance-agent.js'), ...args],
    {
      encoding: 'utf8',
      cwd: stateDir,
      env: { PATH: process.env.PATH, COMPLIANCE_AGENT_BASELINE_PATH: join(stateDir, 'none.yaml') },
    },
  );
  return { status, stdout, stderr };
}

const PERIOD = ['--from', '2026-11-22', '--to', '2026-11-23'];

/** A state folder in which a day was recorded, with a rotation of keys in its middle. */
function withDay(body: (made: { stateDir: string; folders: string[] }) => void): Promise<void> {
  return withStateDir((stateDir) => {
    const signer = generateKey(join(stateDir, 'old.key'));
    const store = storeIn(stateDir, { signer });
    const folders = [...DAY]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([time, draft], at) => {
        if (at === 12) {
          const next = generateKey(join(stateDir, 'signing.key'));
          store.rotateKey(next, { context: CONTEXT, at: new Date(`2026-11-22T${time}.000Z`) });
        }
        return store.append(draftOf({ at: `2026-11-22T${time}.000Z`, ...draft }), CONTEXT).folder;
      });
    store.close();
    body({ stateDir, folders });
  });
}

test('report makes a page and a packet, which verify holds against each other', () =>
  withDay(({ stateDir }) => {
    const made = agent(stateDir, 'report', ...PERIOD, '--state-dir', stateDir, '--output', 'day');
    assert.is(made.status, 0, made.stderr);
    assert.match(made.stdout, /day\.html\nday\.zip\n\d+ bundles, 2 incidents/);
    rmSync(join(stateDir, 'evidence'), { recursive: true });
    rmSync(join(stateDir, 'signing.key'));
    const verified = agent(stateDir, 'evidence', 'verify', 'day.zip');
    assert.is(verified.status, 0, verified.stdout);
    assert.match(verified.stdout, /made again, they are the same/);
    assert.match(verified.stdout, /not proved: that the keys are the hosts’ own/);
    assert.match(verified.stdout, /not proved: host-1: that a server had 29 bundles: no receipt/);
    assert.match(readFileSync(join(stateDir, 'day.html'), 'utf8'), /A rule was added\./);
  }));

test('an altered packet is named and ends with 1, also as JSON', () =>
  withDay(({ stateDir }) => {
    agent(stateDir, 'report', ...PERIOD, '--state-dir', stateDir, '--output', 'day');
    const file = join(stateDir, 'day.zip');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('A rule was added.');
    bytes[at] = 66;
    writeFileSync(file, bytes);
    const { status, stdout } = agent(stateDir, 'evidence', 'verify', file, '--json');
    assert.is(status, 1);
    const { ok, fileFaults } = JSON.parse(stdout);
    assert.is(ok, false);
    assert.match(fileFaults[0].name, /evidence\/host-1\/2026\/11\/22\/.*\/bundle\.json/);
  }));

const formats: [format: string, sign: RegExp][] = [
  ['json', /^\{"hosts":/],
  ['oscal', /^\{"assessment-results":/],
  ['in-toto', /"payloadType":"application\/vnd\.in-toto\+json"/],
  ['csv', /^host,site,control/],
  ['incidents-csv', /^host,control,kind/],
  ['bundles-csv', /^host,chain_id,sequence/],
];
for (const [format, sign] of formats) {
  test(`export prints ${format}, twice the same`, () =>
    withDay(({ stateDir }) => {
      const args = ['evidence', 'export', ...PERIOD, '--state-dir', stateDir, '--format', format];
      const { status, stdout, stderr } = agent(stateDir, ...args);
      assert.is(status, 0, stderr);
      assert.match(stdout, sign);
      assert.is(agent(stateDir, ...args).stdout, stdout);
    }));
}

test('a bundle that does not verify carries nothing in the report, and that is said', () =>
  withDay(({ stateDir, folders }) => {
    const file = join(folders[3] ?? '', 'bundle.json');
    const altered = readFileSync(file, 'utf8').replace('"compliant"', '"Compliant"');
    writeFileSync(file, altered);
    const made = agent(stateDir, 'report', ...PERIOD, '--state-dir', stateDir, '--output', 'day');
    assert.is(made.status, 0, made.stderr);
    assert.match(made.stdout, /1 bundles do not verify/);
    assert.is(agent(stateDir, 'evidence', 'verify', 'day.zip').status, 1);
  }));

test('a period that ends before it begins is told in a sentence', () =>
  withDay(({ stateDir }) => {
    const wrong = ['--from', '2026-11-23', '--to', '2026-11-22'];
    const { status, stderr } = agent(stateDir, 'report', ...wrong, '--state-dir', stateDir);
    assert.is(status, 78);
    assert.match(stderr, /--to: found 2026-11-22, expected a time after --from/);
  }));

test('a page made elsewhere, from a copy and a public key, carries no statement', () =>
  withDay(({ stateDir }) => {
    const { stdout } = agent(stateDir, 'keys', 'show', '--state-dir', stateDir);
    writeFileSync(join(stateDir, 'host.pem'), stdout);
    rmSync(join(stateDir, 'signing.key'));
    const args = ['report', ...PERIOD, '--state-dir', stateDir, '--public-key', 'host.pem'];
    const made = JSON.parse(agent(stateDir, ...args, '--json', '--output', 'x').stdout) as Json;
    assert.is((made as { signed: boolean }).signed, false);
    const verified = agent(stateDir, 'evidence', 'verify', 'x.zip', '--public-key', 'host.pem');
    assert.match(verified.stdout, /not proved: who made the packet/);
    assert.is(verified.status, 0, verified.stdout);
  }));

test.run();
