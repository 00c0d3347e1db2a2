import { createSigner, type Signer } from '../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import { bundleBytes, signatureText } from '../../agent/src/core/record.ts';
import { sha256Hex } from '../../agent/src/wire/canonical.ts';
import { HEAD_TYPE, ORDER_TYPE, RECEIPT_TYPE } from '../../agent/src/wire/envelope.ts';
import type { Draft } from '../../agent/src/wire/evidence.ts';
import { type Json, NO_DIGEST } from '../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf } from './evidence.ts';

/** Throwaway seeds of the vectors, by what they sign. */
export const SEEDS = { host: 1, next_host: 2, operator: 3, server: 4 } as const;
export type Role = keyof typeof SEEDS;
export const vectorSigner = (role: Role): Signer =>
  createSigner(new Uint8Array(32).fill(SEEDS[role]));

const CHAIN = '3f2b8c1e-7a4d-4c5b-9e6f-0a1b2c3d4e5f';
const ORDER = '9d1c4f0a-2b3e-4d5f-8a6b-7c8d9e0f1a2b';
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Every file of tests/vectors that is made, by its path there. */
export function makeVectors(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const write = (path: string, value: Json): void => {
    files.set(path, Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
  };
  write('keys.json', keys());
  const digests = writeBundles(files);
  const receipted = digests[0] ?? NO_DIGEST;
  for (const [name, envelope] of Object.entries(envelopes(receipted)))
    write(`envelopes/${name}.json`, envelope);
  write('negative.json', negatives(files));
  return files;
}

function keys(): Json {
  return Object.fromEntries(
    Object.entries(SEEDS).map(([role, byte]) => {
      const { publicKey, keyId } = vectorSigner(role as Role);
      const seed = Buffer.alloc(32, byte).toString('hex');
      return [role, { seed, public_key: hex(publicKey), key_id: keyId }];
    }),
  );
}

/** A chain of five, each signed by the key in force; the fourth hands over to the next key. */
const BUNDLES: readonly [name: string, role: Role, draft: Draft][] = [
  ['1-compliant', 'host', draftOf({ post_state: { verdict: 'compliant' } })],
  [
    '2-drifted',
    'host',
    draftOf({
      check: 'antivirus',
      hipaa_controls: ['164.308(a)(5)(ii)(B)'],
      outcome: 'success',
      pre_state: { verdict: 'drifted', units: ['clamav-daemon.service'], text: 'é ✓ \u0007 1e21' },
      post_state: { verdict: 'compliant', ratio: 0.1, large: 1e21, small: 1e-7, zero: 0 },
      action_taken: [
        {
          step: 1,
          action: 'restart_av_service',
          command: 'systemctl restart clamav-daemon.service',
          exit_code: 0,
          duration_sec: 1.25,
          result: 'ok',
        },
      ],
      order_id: ORDER,
      runbook_id: 'restart_av_service',
    }),
  ],
  [
    '3-retention',
    'host',
    draftOf({
      check: 'retention',
      hipaa_controls: ['164.316(b)(2)(i)'],
      outcome: 'recorded',
      post_state: {
        pruned: [
          {
            chain_id: 'c0ffee00-1111-4222-8333-444455556666',
            first_sequence: 1,
            last_sequence: 500,
            count: 500,
            preceding_digest: NO_DIGEST,
            last_digest: 'a'.repeat(64),
          },
        ],
      },
    }),
  ],
  ['4-key', 'host', keyDraft()],
  ['5-key', 'next_host', keyDraft()],
];

function keyDraft(): Draft {
  const named = (role: Role) => {
    const { keyId, publicKey } = vectorSigner(role);
    return { key_id: keyId, public_key: Buffer.from(publicKey).toString('base64') };
  };
  return draftOf({
    check: 'key',
    hipaa_controls: ['164.312(c)(1)'],
    outcome: 'recorded',
    pre_state: named('host'),
    post_state: named('next_host'),
  });
}

function writeBundles(files: Map<string, Buffer>): string[] {
  const digests: string[] = [];
  for (const [at, [name, role, draft]] of BUNDLES.entries()) {
    const signer = vectorSigner(role);
    const bytes = bundleBytes({
      bundleId: `00000000-0000-4000-8000-00000000000${at + 1}`,
      draft,
      context: CONTEXT,
      link: {
        chain_id: CHAIN,
        sequence: at + 1,
        previous_digest: digests.at(-1) ?? NO_DIGEST,
        key_id: signer.keyId,
      },
    });
    digests.push(sha256Hex(bytes));
    files.set(`bundles/${name}/bundle.json`, bytes);
    files.set(`bundles/${name}/bundle.sig`, Buffer.from(signatureText(signer.sign(bytes))));
  }
  return digests;
}

function envelopes(bundle: string): Record<string, Json> {
  const { host_id, site_id } = CONTEXT;
  return {
    order: sealEnvelope(
      {
        type: ORDER_TYPE,
        order_id: ORDER,
        runbook_id: 'restart_av_service',
        params: {},
        nonce: '00112233445566778899aabbccddeeff',
        sequence: 1,
        issued_at: '2026-11-22T09:00:00.000Z',
        ttl: 3600,
        host_id,
        site_id,
      },
      vectorSigner('operator'),
    ),
    receipt: sealEnvelope(
      {
        type: RECEIPT_TYPE,
        host_id,
        chain_id: CHAIN,
        sequence: 1,
        bundle_sha256: bundle,
        received_at: '2026-11-22T09:31:00.000Z',
        fork: false,
      },
      vectorSigner('server'),
    ),
    head: sealEnvelope(
      {
        type: HEAD_TYPE,
        host_id,
        chain_id: CHAIN,
        sequence: 1,
        bundle_sha256: bundle,
        issued_at: '2026-11-22T09:32:00.000Z',
      },
      vectorSigner('server'),
    ),
  };
}

/** Each must be refused, by every implementation. All fields are hex. */
function negatives(files: ReadonlyMap<string, Buffer>): Json {
  const message = files.get('bundles/1-compliant/bundle.json') ?? Buffer.alloc(0);
  const signer = vectorSigner('host');
  const good = Buffer.from(signer.sign(message));
  const key = hex(signer.publicKey);
  const altered = Buffer.from(message);
  altered[10] = (altered[10] ?? 0) ^ 1;
  const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
  const named = (name: string, public_key: string, bytes: Buffer, signature: Buffer) => ({
    name,
    public_key,
    message: hex(bytes),
    signature: hex(signature),
  });
  return [
    named('one bit of the message altered', key, altered, good),
    named('the key of another', hex(vectorSigner('next_host').publicKey), message, good),
    named('S + L: the same signature spelled again', key, message, plusL(good)),
    named('63 bytes', key, message, good.subarray(0, 63)),
    named('no bytes', key, message, Buffer.alloc(0)),
    // R the identity and S zero: valid for every message under a key of small order, where that is not refused
    ...SMALL_ORDER.map((point) =>
      named(
        `key of small order ${point}`,
        point,
        message,
        Buffer.concat([identity, Buffer.alloc(32)]),
      ),
    ),
  ];
}

/** The eight points of small order and their other spellings (RFC 8032 section 5.1.3). */
export const SMALL_ORDER: readonly string[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
];

function plusL(signature: Buffer): Buffer {
  const scalar = BigInt(`0x${hex(Buffer.from(signature.subarray(32)).reverse())}`) + L;
  const sum = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([signature.subarray(0, 32), sum]);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
