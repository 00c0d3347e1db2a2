import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { createPlatformSigner } from '../../../core/ed25519.ts';
import { sealEnvelope } from '../../../core/envelope.ts';
import { readSeed } from '../../../effects/keys.ts';
import { MAX_ORDER_BYTES, OrderPayload } from '../../../wire/envelope.ts';
import { InputError, parseInput } from '../../../wire/input.ts';
import { OrderDraft, orderPayload } from '../../orders/draft.ts';
import { printJson, readJson } from '../json-file.ts';

const Options = z.object({ ttl: z.coerce.number().pipe(OrderPayload.shape.ttl) });

export function signOrder(
  file: string,
  options: { key: string; ttl: string; params?: string },
): void {
  const { ttl } = parseInput(Options, options, 'command line');
  const draft = parseInput(OrderDraft, readJson(file), file);
  const params = options.params === undefined ? draft.params : readParams(options.params);
  const signer = createPlatformSigner(readSeed(options.key));
  const nonce = randomBytes(16).toString('hex');
  const payload = orderPayload({ ...draft, params }, { nonce, now: new Date(), ttl });
  const envelope = sealEnvelope(payload, signer);
  const length = Buffer.byteLength(JSON.stringify(envelope));
  if (length > MAX_ORDER_BYTES) {
    const expected = `expected an order of at most ${MAX_ORDER_BYTES} bytes`;
    throw new InputError(file, [{ field: 'params', found: `${length} bytes`, expected }]);
  }
  console.error(
    `signed: ${payload.runbook_id} ${JSON.stringify(payload.params)} on ${payload.host_id}, number ${payload.sequence}, for ${ttl} s`,
  );
  printJson(envelope);
}

function readParams(text: string): OrderPayload['params'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  return parseInput(OrderPayload.shape.params, value, '--params');
}
