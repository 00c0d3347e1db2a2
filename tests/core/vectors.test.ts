import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainEvent, createChainVerifier } from '../../agent/src/core/chain.ts';
import {
  createPlatformSigner,
  createPlatformVerifier,
  createVerifier,
  type Verifier,
} from '../../agent/src/core/ed25519.ts';
import { openEnvelope } from '../../agent/src/core/envelope.ts';
import { publicKeyToPem } from '../../agent/src/core/keys.ts';
import { openBundle, parseSignatureText } from '../../agent/src/core/record.ts';
import { canonicalBytes, sha256Hex } from '../../agent/src/wire/canonical.ts';
import { HeadPayload, OrderPayload, ReceiptPayload } from '../../agent/src/wire/envelope.ts';
import { withStateDir } from '../support/stores.ts';
import { testWith, VECTORS } from '../support/suite.ts';
import { makeVectors, type Role, SEEDS, vectorSigner } from '../support/vectors.ts';

const read = (path: string) => readFileSync(join(VECTORS, path));
const json = (path: string) => JSON.parse(read(path).toString('utf8'));
const bundles = () => readdirSync(join(VECTORS, 'bundles')).sort();
const verifier = (role: Role) => createPlatformVerifier(vectorSigner(role).publicKey);

if (process.env.WRITE_VECTORS) {
  for (const folder of ['bundles', 'envelopes'])
    rmSync(join(VECTORS, folder), { recursive: true, force: true });
  for (const [path, bytes] of makeVectors()) {
    mkdirSync(dirname(join(VECTORS, path)), { recursive: true });
    writeFileSync(join(VECTORS, path), bytes);
  }
}

test('every vector is made again from its seeds, byte by byte', () => {
  const made = makeVectors();
  const there = readdirSync(VECTORS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map(({ parentPath, name }) => join(parentPath, name).slice(VECTORS.length + 1));
  assert.equal(there.sort(), [...made.keys()].sort());
  for (const [path, bytes] of made) assert.is(read(path).equals(bytes), true, path);
});

test('the platform makes the same signatures', () => {
  for (const [role, byte] of Object.entries(SEEDS)) {
    const signer = createPlatformSigner(new Uint8Array(32).fill(byte));
    assert.is(signer.keyId, json('keys.json')[role].key_id);
    const message = read('bundles/1-compliant/bundle.json');
    assert.equal(Uint8Array.from(signer.sign(message)), vectorSigner(role as Role).sign(message));
  }
});

test('the bundles verify, are canonical and make one chain', () => {
  const verifiers = [verifier('host'), verifier('next_host')];
  const chain = createChainVerifier();
  for (const name of bundles()) {
    const bytes = read(`bundles/${name}/bundle.json`);
    const signature = read(`bundles/${name}/bundle.sig`).toString('latin1');
    const opened = openBundle({ bytes, signature, verifiers });
    if (!opened.ok) throw new Error(`${name}: ${opened.reason}`);
    assert.is(canonicalBytes(JSON.parse(bytes.toString('utf8'))).equals(bytes), true, name);
    const { bundle } = opened;
    chain.add({ ...bundle, name, digest: sha256Hex(bytes), event: chainEvent(bundle) });
  }
  const { faults, chains } = chain.end();
  assert.equal(faults, []);
  assert.equal(
    chains.map(({ first, last }) => [first, last]),
    [[1, 5]],
  );
});

const envelopes = [
  ['order', 'operator', OrderPayload],
  ['receipt', 'server', ReceiptPayload],
  ['head', 'server', HeadPayload],
] as const;
for (const [name, role, schema] of envelopes) {
  const open = (input: unknown, verifiers: Verifier[] = [verifier(role)], as: unknown = schema) =>
    openEnvelope<unknown>(input, { verifiers, schema: as as typeof OrderPayload });
  const refused = (input: unknown, reason: RegExp, ...rest: [Verifier[]?, unknown?]) =>
    assert.throws(() => open(input, ...rest), reason);

  test(`the ${name} opens, and nothing like it does`, () => {
    const envelope = json(`envelopes/${name}.json`);
    open(envelope);
    refused(envelope, /unknown key/, [verifier('host')]);
    refused(envelope, /payload/, [verifier(role)], name === 'head' ? OrderPayload : HeadPayload);
    const bytes = Buffer.from(envelope.payload, 'base64');
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    refused({ ...envelope, payload: bytes.toString('base64') }, /reason signature/);
    refused({ ...envelope, key_id: 'x' }, /malformed envelope/);
    refused({ ...envelope, more: 1 }, /malformed envelope/);
    refused(null, /malformed envelope/);
  });
}

for (const [implementation, create] of [
  ['tweetnacl', createVerifier],
  ['the platform', createPlatformVerifier],
] as const) {
  test(`${implementation} refuses every negative vector`, () => {
    const negatives: Record<'name' | 'public_key' | 'message' | 'signature', string>[] =
      json('negative.json');
    assert.ok(negatives.length > 15);
    for (const { name, public_key, message, signature } of negatives)
      assert.is(holds(create, { public_key, message, signature }), false, name);
  });
}

function holds(
  create: (key: Uint8Array) => Verifier,
  { public_key, message, signature }: Record<'public_key' | 'message' | 'signature', string>,
): boolean {
  try {
    return create(Buffer.from(public_key, 'hex')).verify(
      Buffer.from(message, 'hex'),
      Buffer.from(signature, 'hex'),
    );
  } catch {
    return false; // the key alone is refused
  }
}

testWith({ tools: ['openssl'] }, 'openssl alone verifies every bundle', () =>
  withStateDir((folder) => {
    for (const name of bundles()) {
      const signature = parseSignatureText(read(`bundles/${name}/bundle.sig`).toString('latin1'));
      const role = name === '5-key' ? 'next_host' : 'host';
      writeFileSync(join(folder, 'sig'), signature ?? '');
      writeFileSync(join(folder, 'pem'), publicKeyToPem(vectorSigner(role).publicKey));
      const input = join(VECTORS, 'bundles', name, 'bundle.json');
      const args = [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        'pem',
        '-rawin',
        '-in',
        input,
        '-sigfile',
        'sig',
      ];
      assert.match(
        execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' }),
        /Verified Successfully/,
      );
    }
  }),
);

test.run();
