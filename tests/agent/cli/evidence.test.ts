import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publicKeyToPem } from '../../../agent/src/core/keys.ts';
import { generateKey, readSigner } from '../../../agent/src/effects/keys.ts';
import { Enrolment } from '../../../agent/src/wire/enrolment.ts';
import { CONTEXT, draftOf } from '../../support/evidence.ts';
import { storeIn, withStateDir } from '../../support/stores.ts';
import { DIST, testWith } from '../../support/suite.ts';

/** Runs the bundled program; gives exit code and both outputs. */
function agent(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(DIST, 'compliance-agent.js'), ...args],
    { encoding: 'utf8', env: { PATH: process.env.PATH } },
  );
  return { status, stdout, stderr };
}

/** A state folder with its own key and three bundles. */
async function withEvidence(
  body: (made: {
    stateDir: string;
    evidence: string;
    pem: string;
    folders: string[];
    ids: string[];
  }) => void,
): Promise<void> {
  await withStateDir((stateDir) => {
    const signer = generateKey(join(stateDir, 'signing.key'));
    const store = storeIn(stateDir, { signer });
    const bundles = ['firewall', 'backup', 'firewall'].map((check) =>
      store.append(draftOf({ check }), CONTEXT),
    );
    store.close();
    const pem = join(stateDir, 'host.pem');
    writeFileSync(pem, publicKeyToPem(signer.publicKey));
    body({
      stateDir,
      pem,
      evidence: join(stateDir, 'evidence'),
      folders: bundles.map(({ folder }) => folder),
      ids: bundles.map(({ bundle_id }) => bundle_id),
    });
  });
}

test('verify needs nothing but folder and key', () =>
  withEvidence(({ stateDir, evidence, pem }) => {
    rmSync(join(stateDir, 'evidence.db'));
    rmSync(join(stateDir, 'signing.key'));
    const { status, stdout } = agent('evidence', 'verify', '--dir', evidence, '--public-key', pem);
    assert.is(status, 0);
    assert.match(stdout, /proved: the signatures of 3 bundles/);
    assert.match(stdout, /not proved: that nothing followed number 3/);
    assert.match(stdout, /all hold/);
  }));

test('verify names the altered bundle and exits with 1', () =>
  withEvidence(({ evidence, pem, folders: [, altered = ''], ids }) => {
    const file = join(altered, 'bundle.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"compliant"', '"complianT"'));
    const args = ['evidence', 'verify', '--dir', evidence, '--public-key', pem];
    const { status, stdout, stderr } = agent(...args);
    assert.is(status, 1);
    assert.match(stdout, new RegExp(`altered: 2026/11/22/${ids[1]}`));
    assert.is(stderr, '');
    const json = JSON.parse(agent(...args, '--json').stdout);
    assert.is(json.ok, false);
    assert.equal(
      json.folderFaults.map(({ kind }: { kind: string }) => kind),
      ['altered'],
    );
    assert.equal(
      json.faults.map(({ kind }: { kind: string }) => kind),
      ['gap'],
    );
  }));

for (const name of ['bundle.json', 'bundle.sig']) {
  for (const size of [40, 0]) {
    test(`verify names the bundle whose ${name} was cut to ${size} bytes, and no other`, () =>
      withEvidence(({ evidence, pem, folders: [, cut = ''], ids }) => {
        truncateSync(join(cut, name), size);
        const args = ['evidence', 'verify', '--dir', evidence, '--public-key', pem];
        const { status, stdout, stderr } = agent(...args);
        assert.is(status, 1);
        assert.match(stdout, new RegExp(`^altered: 2026/11/22/${ids[1]}`, 'm'));
        assert.is(stdout.match(/^altered: /gm)?.length, 1);
        assert.is(stderr, '');
      }));
  }
}

test('list, show, stats and queue read a state folder', () =>
  withEvidence(({ stateDir, ids }) => {
    const at = ['--state-dir', stateDir];
    const page = JSON.parse(
      agent('evidence', 'list', ...at, '--check', 'firewall', '--json').stdout,
    );
    assert.equal(
      page.bundles.map(({ bundle_id }: { bundle_id: string }) => bundle_id),
      [ids[2], ids[0]],
    );
    assert.match(agent('evidence', 'list', ...at).stdout, /^NUMBER +ENDED/);
    const shown = agent('evidence', 'show', ids[1] ?? '', '--json', ...at);
    assert.match(
      agent('evidence', 'show', ids[1] ?? '', ...at).stdout,
      /^backup: compliant\n {2}bundle +/,
    );
    assert.is(JSON.parse(shown.stdout).check, 'backup');
    assert.match(agent('evidence', 'stats', ...at).stdout, /firewall +compliant +2/);
    assert.is(JSON.parse(agent('queue', 'status', ...at, '--json').stdout).pending, 3);
    const baseline = join(stateDir, 'baseline.json');
    const config = join(stateDir, 'config.json');
    writeFileSync(baseline, '{"version":1}');
    writeFileSync(config, JSON.stringify({ state_dir: stateDir, baseline_path: baseline }));
    assert.match(agent('queue', 'retry', '--config', config).stdout, /3 bundles are due now/);
  }));

test('reindex makes the index anew, and waits for no writer', () =>
  withEvidence(({ stateDir, folders: [altered = ''] }) => {
    rmSync(join(altered, 'bundle.sig'));
    const args = ['evidence', 'reindex', '--state-dir', stateDir, '--json'];
    const { bundles, faults } = JSON.parse(agent(...args).stdout);
    assert.is(bundles, 2);
    assert.is(faults.length, 1);
    const signer = readSigner(join(stateDir, 'signing.key'));
    const store = storeIn(stateDir, { signer });
    assert.is(store.statistics().bundles, 2);
    assert.equal(store.reconciliation.setApart, []);
    const busy = agent(...args);
    assert.is(busy.status, 1);
    assert.match(busy.stderr, /is the agent running/);
    store.close();
  }));

const wrong: [title: string, args: string[], status: number, words: RegExp][] = [
  ['an unknown bundle', ['evidence', 'show', 'x'], 1, /no bundle x/],
  [
    'a time that is none',
    ['evidence', 'list', '--since', 'noon', '--limit', '0'],
    78,
    /--since: found noon.*\n.*--limit: found 0/,
  ],
  [
    'a folder that is none',
    ['evidence', 'verify', '--dir', '/nonexistent'],
    78,
    /--dir: found \/nonexistent/,
  ],
  ['a verb that is none', ['evidence', 'forge'], 64, /unknown command/],
];
for (const [title, args, status, words] of wrong) {
  test(`${title} is told in a sentence, with exit ${status}`, () =>
    withEvidence(({ stateDir }) => {
      const verb = args[1] === 'forge' ? [] : ['--state-dir', stateDir];
      const said = agent(...args, ...verb);
      assert.is(said.status, status);
      assert.match(said.stderr, words);
      assert.not.match(said.stderr, /\n\s+at /);
    }));
}

test('a folder without evidence is told in a sentence', () =>
  withStateDir((stateDir) => {
    const { status, stderr } = agent('evidence', 'list', '--state-dir', stateDir);
    assert.is(status, 1);
    assert.match(stderr, /nothing has been recorded there/);
  }));

test('keys are made, shown for enrolment, and verify what they signed', () =>
  withEvidence(({ stateDir, pem, folders: [folder = ''] }) => {
    const key = join(stateDir, 'new.key');
    assert.is(agent('keys', 'generate', key).status, 0);
    assert.match(agent('keys', 'generate', key).stderr, /no key is overwritten/);
    const shown = agent('keys', 'show', '--enrol', '--state-dir', stateDir);
    Enrolment.parse(JSON.parse(shown.stdout));
    assert.is(agent('keys', 'show', '--state-dir', stateDir).stdout, readFileSync(pem, 'utf8'));
    const verify = (file: string, by = pem) =>
      agent('keys', 'verify', '--public-key', by, '--signature', join(folder, 'bundle.sig'), file);
    assert.is(verify(join(folder, 'bundle.json')).status, 0);
    assert.is(verify(pem).status, 1);
    const weak = join(stateDir, 'weak');
    writeFileSync(weak, Buffer.alloc(32));
    assert.is(verify(join(folder, 'bundle.json'), weak).status, 1);
    assert.is(verify('/nonexistent').status, 78);
  }));

testWith({ tools: ['openssl'] }, 'openssl alone verifies a bundle', () =>
  withEvidence(({ stateDir, pem, folders: [folder = ''] }) => {
    const raw = join(stateDir, 'raw.sig');
    writeFileSync(raw, Buffer.from(readFileSync(join(folder, 'bundle.sig'), 'latin1'), 'base64'));
    const said = execFileSync(
      'openssl',
      [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        pem,
        '-rawin',
        '-in',
        join(folder, 'bundle.json'),
        '-sigfile',
        raw,
      ],
      { encoding: 'utf8' },
    );
    assert.match(said, /Verified Successfully/);
  }),
);

test.run();
