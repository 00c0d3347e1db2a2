import { randomUUID } from 'node:crypto';
import { createPlatformSigner, type Signer } from '../../src/core/ed25519.ts';
import { bundleBytes, signatureText } from '../../src/core/record.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import { NO_DIGEST } from '../../src/wire/primitives.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const BOUNDARY = 'compliance-load';
/** What each request of the load carries beside its certificate. */
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A host of the load: its key, and a chain that goes on as long as it is asked. */
export type LoadHost = {
  readonly hostId: string;
  readonly signer: Signer;
  /** The whole body of the next `POST /api/evidence`. */
  next(): Buffer;
};

export function createLoadHost(number: number): LoadHost {
  const hostId = `load-${number}`;
  const seed = Buffer.from(sha256Hex(hostId), 'hex');
  const signer = createPlatformSigner(seed);
  const context = { ...sampleContext(), host_id: hostId };
  const chain = { chain_id: randomUUID(), key_id: signer.keyId };
  let last = { sequence: 0, digest: NO_DIGEST };
  return {
    hostId,
    signer,
    next() {
      const link = { ...chain, sequence: last.sequence + 1, previous_digest: last.digest };
      const bytes = bundleBytes({ bundleId: randomUUID(), draft: sampleDraft(), context, link });
      last = { sequence: link.sequence, digest: sha256Hex(bytes) };
      return form(bytes, signatureText(signer.sign(bytes)));
    },
  };
}

function form(bundle: Buffer, signature: string): Buffer {
  const head = (name: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const end = `\r\n--${BOUNDARY}--\r\n`;
  return Buffer.concat([
    Buffer.from(head('bundle')),
    bundle,
    Buffer.from(`\r\n${head('signature')}${signature}${end}`),
  ]);
}
