import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPlatformVerifier } from '../../../agent/src/core/ed25519.ts';
import { bundleBytes, signatureText } from '../../../agent/src/core/record.ts';
import { lookClosely } from '../../../agent/src/effects/verify/look.ts';
import { lookPlain } from '../../../agent/src/effects/verify/look-plain.ts';
import { NO_DIGEST } from '../../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf, signerOf } from '../../support/evidence.ts';

const signer = signerOf(7);
const ID = '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10';
const NAME = `2026/11/22/${ID}`;
const OPTIONS = { trusted: [createPlatformVerifier(signer.publicKey)], receiptKeys: null };
const link = { chain_id: ID, sequence: 1, previous_digest: NO_DIGEST, key_id: signer.keyId };
const bytes = bundleBytes({ bundleId: ID, draft: draftOf(), context: CONTEXT, link });
const signature = Buffer.from(signatureText(signer.sign(bytes)));

/** What both ways say of a folder that holds these files. */
function looked(files: Record<string, Uint8Array>, name = NAME) {
  const evidence = mkdtempSync(join(tmpdir(), 'look-'));
  try {
    mkdirSync(join(evidence, name), { recursive: true });
    for (const [file, bytes] of Object.entries(files))
      writeFileSync(join(evidence, name, file), bytes);
    const plain = lookPlain(evidence, name, OPTIONS);
    return { plain, closely: lookClosely(evidence, name, OPTIONS) };
  } finally {
    rmSync(evidence, { recursive: true });
  }
}

/** Text in place of the bundle’s, signed anew. */
function signed(text: string): Record<string, Uint8Array> {
  const bytes = Buffer.from(text);
  const signature = Buffer.from(signatureText(signer.sign(bytes)));
  return { 'bundle.json': bytes, 'bundle.sig': signature };
}

test('an ordinary bundle is told without its schema, and the same is told of it', () => {
  const { plain, closely } = looked({ 'bundle.json': bytes, 'bundle.sig': signature });
  assert.is(closely.fault, null);
  assert.equal(plain, closely);
});

test('what flips in the bundle or its signature, both ways say the same or the short one nothing', () => {
  const place = fc.tuple(fc.constantFrom('bundle.json', 'bundle.sig'), fc.nat(), fc.nat(7));
  fc.assert(
    fc.property(place, ([file, at, bit]) => {
      const files = { 'bundle.json': Buffer.from(bytes), 'bundle.sig': Buffer.from(signature) };
      const flipped = files[file as keyof typeof files];
      flipped[at % flipped.length] = (flipped[at % flipped.length] as number) ^ (1 << bit);
      const { plain, closely } = looked(files);
      if (plain !== null) assert.equal(plain, closely);
      assert.ok(closely.fault === 'altered', 'it is found');
    }),
    { numRuns: 300 },
  );
});

const text = bytes.toString();
const cases: [title: string, files: Record<string, Uint8Array>, name?: string][] = [
  ['nothing', {}],
  ['no signature', { 'bundle.json': bytes }],
  ['no bundle', { 'bundle.sig': signature }],
  ['an endless bundle', { 'bundle.json': Buffer.alloc(2 ** 21), 'bundle.sig': signature }],
  ['an endless signature', { 'bundle.json': bytes, 'bundle.sig': Buffer.alloc(2000, 65) }],
  ['another day', { 'bundle.json': bytes, 'bundle.sig': signature }, NAME.replace('22', '21')],
  ['no JSON', signed('{')],
  ['a byte-order mark', signed(`\ufeff${text}`)],
  ['another form', signed(JSON.stringify(JSON.parse(text), null, 1))],
  ['a field twice', signed(text.replace('{', '{"check":"other",'))],
  ['a field more', signed(text.replace('{', '{"__proto__":null,'))],
  ['another version', signed(text.replace('"version":1', '"version":2'))],
  ['another key', signed(text.replace(signer.keyId, NO_DIGEST))],
  ['a key', signed(text.replace('"check":"firewall"', '"check":"key"'))],
  ['a failure', signed(text.replace('"error":null', '"error":{"code":"absent","params":{}}'))],
  ['half a receipt', { 'bundle.json': bytes, 'bundle.sig': signature, 'receipt.sig': signature }],
  [
    'a long state',
    signed(text.replace('"post_state":null', `"post_state":"${'x'.repeat(2 ** 17)}"`)),
  ],
];
for (const [title, files, name] of cases)
  test(`of ${title} both ways say the same or the short one nothing`, () => {
    const { plain, closely } = looked(files, name);
    if (plain !== null) assert.equal(plain, closely);
  });

test.run();
