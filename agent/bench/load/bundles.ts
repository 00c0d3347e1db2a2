import { createPlatformSigner, type Signer } from '../../src/core/ed25519.ts';
import { bundleBytes, signatureText } from '../../src/core/record.ts';
import { sha256Hex } from '../../src/wire/canonical.ts';
import { NO_DIGEST } from '../../src/wire/primitives.ts';
import { sampleContext, sampleDraft } from '../sample.ts';

const BOUNDARY = 'compliance-load';
/** What each request of the load carries beside its certificate. */
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** A host of the load: its key, and a chain that goes on as long as it is asked. The same for the same seed. */
export type LoadHost = {
  readonly hostId: string;
  readonly signer: Signer;
  /** The whole body of the next `POST /api/evidence`. */
  next(): Buffer;
};

export function createLoadHost(number: number, seed: number): LoadHost {
  const hostId = `load-${number}`;
  const named = (what: string) => sha256Hex(`${seed} ${hostId} ${what}`);
  const signer = createPlatformSigner(Buffer.from(named('key'), 'hex'));
  const context = { ...sampleContext(), host_id: hostId };
  const chain = { chain_id: uuidOf(named('chain')), key_id: signer.keyId };
  const draft = sampleDraft(new Date('2026-11-22T09:30:00.000Z'));
  let last = { sequence: 0, digest: NO_DIGEST };
  return {
    hostId,
    signer,
    next() {
      const link = { ...chain, sequence: last.sequence + 1, previous_digest: last.digest };
      const bundleId = uuidOf(named(String(link.sequence)));
      const bytes = bundleBytes({ bundleId, draft, context, link });
      last = { sequence: link.sequence, digest: sha256Hex(bytes) };
      return form(bytes, signatureText(signer.sign(bytes)));
    },
  };
}

/** A UUID of version 4 that is made of a digest. */
function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
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
