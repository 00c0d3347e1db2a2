import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformVerifier } from '../../../agent/src/core/ed25519.ts';
import { publicKeyToPem } from '../../../agent/src/core/keys.ts';
import { derivedFiles } from '../../../agent/src/core/report/derived.ts';
import { entryOf } from '../../../agent/src/core/report/entry.ts';
import {
  openStatement,
  sealStatement,
  statementBytes,
} from '../../../agent/src/core/report/exports/statement.ts';
import { nameUuid } from '../../../agent/src/core/report/exports/uuid.ts';
import { Bundle } from '../../../agent/src/wire/evidence.ts';
import { signerOf } from '../../support/evidence.ts';
import { CONTROLS, chainOf, DAY, HOST_KEY, PARAMETERS } from '../../support/report.ts';
import { SHARED, testWith } from '../../support/suite.ts';

const entries = chainOf(DAY).map(({ bytes, sha256 }) =>
  entryOf(Bundle.parse(JSON.parse(bytes.toString())), { sha256, received_at: null }),
);
const made = derivedFiles({ entries, parameters: PARAMETERS, controls: CONTROLS });
const file = (name: string) =>
  Buffer.concat([...(made.files.find((one) => one.name === name)?.parts ?? [])]).toString();
const OSCAL = join(SHARED, 'oscal-assessment-results-1.2.1.schema.json');

testWith({ paths: [OSCAL] }, 'the assessment results are valid OSCAL', () => {
  const schema = JSON.parse(readFileSync(OSCAL, 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const results = JSON.parse(file('oscal-assessment-results.json'));
  validate(results);
  assert.equal(validate.errors ?? [], []);
  results['assessment-results'].results[0].findings[0].target.status.state = 'perhaps';
  assert.is(validate(results), false, 'the schema can say no');
});

test('a control that drifted is not satisfied; its links lead to NIST and to HIPAA', () => {
  const [result] = JSON.parse(file('oscal-assessment-results.json'))['assessment-results'].results;
  type Found = {
    target: { 'target-id': string; status: { state: string } };
    links: { href: string }[];
  };
  const state = (id: string) =>
    result.findings.find(({ target }: Found) => target['target-id'] === `${id}_obj`);
  assert.is(state('sc-7.5').target.status.state, 'not-satisfied');
  assert.is(state('cp-9').target.status.state, 'satisfied');
  const links = state('sc-28').links.map(({ href }: { href: string }) => href);
  assert.ok(links.some((href: string) => href.includes('#sc-28')));
  assert.ok(links.some((href: string) => href.includes('section-164.312')));
});

test('a public verifier accepts the statement, and refuses it altered or by another key', () => {
  const subjects = entries.map(({ bundle_id, sha256 }) => ({ name: bundle_id, sha256 }));
  const envelope = JSON.parse(
    sealStatement(statementBytes(made.facts, subjects), HOST_KEY).toString(),
  );
  const verify = (dsse: object, key: Uint8Array) => {
    const bundle = bundleFromJSON({
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: { publicKey: { hint: 'host' }, tlogEntries: [] },
      dsseEnvelope: dsse,
    });
    const publicKey = () => ({
      publicKey: createPublicKey(publicKeyToPem(key)),
      validFor: () => true,
    });
    const trust = {
      publicKey,
      ...{ certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] },
    };
    const none = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
    return new Verifier(trust, none).verify(toSignedEntity(bundle));
  };
  assert.ok(verify(envelope, HOST_KEY.publicKey));
  assert.throws(() => verify(envelope, signerOf(8).publicKey));
  const payload = Buffer.from(envelope.payload, 'base64');
  payload[40] = (payload[40] ?? 0) ^ 1;
  assert.throws(() =>
    verify({ ...envelope, payload: payload.toString('base64') }, HOST_KEY.publicKey),
  );
});

test('our own verifier takes a statement only byte by byte as it was sealed', () => {
  const sealed = sealStatement(statementBytes(made.facts, []), HOST_KEY);
  const verifiers = [createPlatformVerifier(HOST_KEY.publicKey)];
  assert.is(openStatement(sealed, verifiers)?.keyId, HOST_KEY.keyId);
  assert.is(openStatement(sealed, [createPlatformVerifier(signerOf(8).publicKey)]), null);
  for (let at = 0; at < sealed.length; at += 37) {
    const altered = Buffer.from(sealed);
    altered[at] = (altered[at] ?? 0) ^ 1;
    assert.is(openStatement(altered, verifiers), null, `byte ${at}`);
  }
});

test('CSV quotes what must be quoted and starts no formula', () => {
  const [head, ...rows] = file('controls.csv').trimEnd().split('\r\n');
  assert.is(rows.length, CONTROLS.length);
  assert.match(head ?? '', /^host,site,control,from,to,compliant_sec/);
  assert.match(file('incidents.csv'), /\r\nhost-1,firewall,drifted,high,2026-11-22T09:30:00\.000Z/);
  assert.is(file('bundles.csv').split('\r\n').length, entries.length + 2);
});

test('what a host says stays text in the page', () => {
  const page = file('report.html');
  assert.match(page, /&lt;b&gt;LUKS1&lt;\/b&gt;/);
  assert.not.match(page, /<b>LUKS1/);
  assert.not.match(page, /<script|<link|src=|@import|url\(/, 'nothing is fetched');
});

test('identifiers follow from names', () => {
  assert.is(nameUuid('a'), nameUuid('a'));
  assert.is.not(nameUuid('a'), nameUuid('b'));
  assert.match(
    nameUuid('a'),
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test.run();
