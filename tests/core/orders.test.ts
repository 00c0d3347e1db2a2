import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as z from 'zod';
import { createSigner, createVerifier } from '../../agent/src/core/ed25519.ts';
import { sealEnvelope } from '../../agent/src/core/envelope.ts';
import { acceptOrder, type OrderRefusal, type SpentOrders } from '../../agent/src/core/orders.ts';
import { HEAD_TYPE, ORDER_TYPE, RECEIPT_TYPE } from '../../agent/src/wire/envelope.ts';
import { StorePath } from '../../agent/src/wire/primitives.ts';

const operator = createSigner(new Uint8Array(32).fill(1));
const stranger = createSigner(new Uint8Array(32).fill(2));
const now = new Date('2026-11-22T09:00:00.000Z');
const generation = `/nix/store/${'0'.repeat(32)}-nixos-system-clinic-25.11`;

const order = {
  type: ORDER_TYPE,
  order_id: '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10',
  runbook_id: 'update_to_baseline_generation',
  params: { generation },
  nonce: '0123456789abcdef0123456789abcdef',
  sequence: 8,
  issued_at: '2026-11-22T08:59:00.000Z',
  ttl: 3600,
  host_id: 'host-1',
  site_id: 'clinic-1',
};
const spent: SpentOrders = {
  highestSequence: 7,
  nonces: new Set(['f'.repeat(32)]),
  recreatedAt: new Date('2026-11-01T00:00:00.000Z'),
};
const host = {
  verifiers: [createVerifier(operator.publicKey)],
  hostId: 'host-1',
  siteId: 'clinic-1',
  now,
  orderTtl: 86_400,
  runbooks: new Map<string, z.ZodType>([
    ['update_to_baseline_generation', z.strictObject({ generation: StorePath })],
    ['restart_av_service', z.strictObject({})],
  ]),
  allowedRunbooks: ['update_to_baseline_generation'],
  spent,
};

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
const seal = (change: object = {}, signer = operator) =>
  sealEnvelope({ ...order, ...change } as Parameters<typeof sealEnvelope>[0], signer);
const judge = (bytes: Uint8Array, change: object = {}) => {
  const judged = acceptOrder({ bytes, ...host, ...change });
  return judged.accepted ? 'accepted' : judged.reason;
};

test('an order that is all it should be is accepted', () => {
  assert.equal(acceptOrder({ bytes: encode(seal()), ...host }), { accepted: true, order });
});

type Case = [title: string, reason: OrderRefusal | 'accepted', order: object, host?: object];
const cases: Case[] = [
  ['one for another host', 'other_host', { host_id: 'host-2' }],
  ['one for another site', 'other_host', { site_id: 'clinic-2' }],
  ['one whose time has just passed', 'expired', { issued_at: '2026-11-22T08:00:00.000Z' }],
  [
    'one in the last millisecond of its time',
    'accepted',
    { issued_at: '2026-11-22T08:00:00.001Z' },
  ],
  ['one older than this host allows', 'expired', { ttl: 86_400 }, { orderTtl: 60 }],
  ['one from the future', 'future_dated', { issued_at: '2026-11-22T09:00:05.001Z' }],
  ['one from a clock a little ahead', 'accepted', { issued_at: '2026-11-22T09:00:05.000Z' }],
  ['one replayed', 'replayed', { nonce: 'f'.repeat(32), sequence: 9 }],
  ['one with the highest sequence again', 'sequence', { sequence: 7 }],
  ['one with a lower sequence', 'sequence', { sequence: 1 }],
  [
    'one from before the state was made anew',
    'before_state',
    {},
    {
      spent: {
        highestSequence: 0,
        nonces: new Set(),
        recreatedAt: new Date('2026-11-22T08:59:00.000Z'),
      },
    },
  ],
  ['one for a runbook that nobody knows', 'runbook_unknown', { runbook_id: 'open_a_shell' }],
  [
    'one for a runbook that is not allowed',
    'runbook_not_allowed',
    { runbook_id: 'restart_av_service', params: {} },
  ],
  ['one with a parameter too many', 'params', { params: { generation, force: true } }],
  ['one with a parameter of another kind', 'params', { params: { generation: '/tmp/evil' } }],
  ['one without its parameters', 'params', { params: {} }],
  ['a receipt', 'wrong_type', { type: RECEIPT_TYPE }],
  ['a head', 'wrong_type', { type: HEAD_TYPE }],
  ['one of a later version', 'wrong_type', { type: 'compliance-agent/order/v2' }],
  ['one with a field too many', 'malformed', { command: 'rm -rf /' }],
  ['one with a nonce that is too short', 'malformed', { nonce: '00' }],
  ['one valid for longer than a week', 'malformed', { ttl: 8 * 86_400 }],
];
for (const [title, reason, change, on = {}] of cases) {
  test(`${title}: ${reason}`, () => assert.is(judge(encode(seal(change)), on), reason));
}

const good = seal();
const payloadOf = (change: object) => encode({ ...order, ...change }).toString('base64');
const broken: [title: string, reason: OrderRefusal, bytes: Uint8Array][] = [
  ['one by a key that is not pinned', 'forged', encode(seal({}, stranger))],
  [
    'one by another key that claims a pinned one',
    'altered',
    encode({ ...seal({}, stranger), key_id: operator.keyId }),
  ],
  [
    'one whose payload was altered',
    'altered',
    encode({ ...good, payload: payloadOf({ ttl: 7200 }) }),
  ],
  [
    'one whose signature was altered',
    'altered',
    encode({
      ...good,
      signature: `${good.signature.startsWith('A') ? 'B' : 'A'}${good.signature.slice(1)}`,
    }),
  ],
  [
    'one with the signature of another order',
    'altered',
    encode({ ...good, signature: seal({ sequence: 9 }).signature }),
  ],
  ['one with a signature that is too short', 'malformed', encode({ ...good, signature: 'AAAA' })],
  ['one with a field beside the envelope', 'malformed', encode({ ...good, run: 'now' })],
  ['one cut short', 'malformed', encode(good).subarray(0, 200)],
  ['nothing', 'malformed', Buffer.alloc(0)],
  ['bytes that are no text', 'malformed', Buffer.from([0xff, 0xfe, 0x00])],
  ['one of 16 KiB and a byte', 'too_large', Buffer.alloc(16 * 1024 + 1, ' ')],
  ['a signed text that is no JSON', 'wrong_type', encode(sealText('open the door'))],
];
for (const [title, reason, bytes] of broken) {
  test(`${title}: ${reason}`, () => assert.is(judge(bytes), reason));
}

function sealText(text: string) {
  const bytes = Buffer.from(text);
  return {
    payload: bytes.toString('base64'),
    signature: Buffer.from(operator.sign(bytes)).toString('base64'),
    key_id: operator.keyId,
  };
}

test('a refusal names the order only where a pinned key signed it', () => {
  const refused = (bytes: Uint8Array) => {
    const judged = acceptOrder({ bytes, ...host });
    return judged.accepted ? undefined : judged.orderId;
  };
  assert.is(refused(encode(seal({ host_id: 'host-2' }))), order.order_id);
  assert.is(refused(encode(seal({}, stranger))), null);
});

test.run();
