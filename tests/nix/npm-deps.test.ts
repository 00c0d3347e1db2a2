import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { REPOSITORY, testWith } from '../support/suite.ts';

const FOLDER = join(REPOSITORY, 'pkgs', 'npm-deps');
const LOCK = join(REPOSITORY, 'agent', 'package-lock.json');
const here = { paths: [FOLDER] }; // a build of the package alone has no pkgs/

const load = (name: string) => import(join(FOLDER, name));
const recorded = () => JSON.parse(readFileSync(join(FOLDER, 'hash.json'), 'utf8'));

function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'npm-deps-'));
  return body(folder).finally(() => rmSync(folder, { recursive: true, force: true }));
}

testWith(here, 'the recorded hash belongs to the lock (else: pkgs/update-npm-deps)', async () => {
  const { lockDigest, lockedPackages } = await load('lock.mjs');
  assert.is(recorded().lock, lockDigest(lockedPackages(JSON.parse(readFileSync(LOCK, 'utf8')))));
});

testWith(here, 'aliases and scopes keep their real names, and no two share a file', async () => {
  const { lockedPackages } = await load('lock.mjs');
  const integrity = 'sha512-AA==';
  const packages = {
    '': { version: '1.0.0' },
    'node_modules/alias': { name: '@real/name', version: '1.0.0', integrity },
    'node_modules/a/node_modules/@real/name': { version: '1.0.0', integrity },
    'node_modules/real-name': { version: '1.0.0', integrity },
  };
  assert.equal(
    lockedPackages({ packages }).map(({ spec, file }: Record<string, string>) => [spec, file]),
    [
      ['@real/name@1.0.0', '@real+name-1.0.0.tgz'],
      ['real-name@1.0.0', 'real-name-1.0.0.tgz'],
    ],
  );
});

testWith(here, 'a lock without SHA-512, or with two for one package, is refused', async () => {
  const { lockedPackages } = await load('lock.mjs');
  const version = '1.0.0';
  const weak = { 'node_modules/a': { version, integrity: 'sha1-AA==' } };
  const two = {
    'node_modules/a': { version, integrity: 'sha512-AA==' },
    'node_modules/b/node_modules/a': { version, integrity: 'sha512-BB==' },
  };
  assert.throws(() => lockedPackages({ packages: weak }), /no sha512 integrity/);
  assert.throws(() => lockedPackages({ packages: two }), /two integrities/);
});

testWith(here, 'a folder has the hash that Nix gives it', async () => {
  const { narHash } = await load('nar.mjs');
  await inFolder(async (folder) => {
    writeFileSync(join(folder, 'b.txt'), 'hello\n');
    writeFileSync(join(folder, '@a+run'), '#!/bin/sh\n', { mode: 0o755 });
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'empty'), '');
    // `nix hash path`, Nix 2.26
    assert.is(narHash(folder), 'sha256-qT+pAWaBUIK7TYn1cM9spDyDNITPjZv4HzuSg11pKNw=');
  });
});

// 370 MB take minutes: a command of its own, not part of every run.
if (process.env['COMPLIANCE_FETCH_NPM'] === '1') {
  testWith(here, 'fetched again, the folder has the recorded hash', async () => {
    const [{ fetchLocked }, { narHash }] = [await load('fetch.mjs'), await load('nar.mjs')];
    await inFolder(async (folder) => {
      await fetchLocked({ lockFile: LOCK, folder });
      assert.is(narHash(folder), recorded().nar);
    });
  });
} else console.log('skipped: fetching the folder again (370 MB; COMPLIANCE_FETCH_NPM=1 does it)');

test.run();
