import type { Signer } from '../../core/ed25519.ts';
import { sealEnvelope } from '../../core/envelope.ts';
import { decodeJson } from '../../core/json.ts';
import { openBundle, parseSignatureText } from '../../core/record.ts';
import { sha256Hex } from '../../wire/canonical.ts';
import { type Envelope, HEAD_TYPE, RECEIPT_TYPE } from '../../wire/envelope.ts';
import { Bundle } from '../../wire/evidence.ts';
import { fieldIssues } from '../../wire/input.ts';
import { Refusal } from '../refusal.ts';
import type { Arrived, Head, HostKey, Placed, Store } from '../store/store.ts';
import { checkBeginning, checkKey, isFork } from './place.ts';
import { successorIn } from './rotation.ts';
import { verifierOf } from './verifiers.ts';

export type Received = {
  readonly status: 200 | 201 | 409;
  readonly receipt: Envelope;
  /** Only with 409. */
  readonly head?: Envelope;
};

/**
 * Takes one bundle of a host: verify, parse, place, keep, receipt (DESIGN 7). Nothing is parsed that an enrolled key of
 * this host did not sign, and nothing is receipted that is not durable.
 */
export async function takeEvidence({
  store,
  signer,
  keys,
  hostId,
  bytes,
  signature,
  now,
}: {
  store: Store;
  signer: Signer;
  keys: readonly HostKey[];
  hostId: string;
  bytes: Uint8Array;
  /** The text of `bundle.sig`. */
  signature: string;
  now: Date;
}): Promise<Received> {
  const raw = parseSignatureText(signature);
  if (raw === null) {
    throw new Refusal(400, 'signature_malformed', 'Expected base64 of 64 bytes.', 'signature');
  }
  const bundle = open({ bytes, signature, keys });
  if (bundle.host_id !== hostId) {
    throw new Refusal(
      422,
      'other_host',
      'The bundle is of another host than the certificate.',
      'host_id',
    );
  }
  checkBeginning({ sequence: bundle.sequence, previousDigest: bundle.previous_digest });
  const successor = successorIn(bundle);
  const arrived: Arrived = {
    hostId,
    sha256: sha256Hex(bytes),
    chainId: bundle.chain_id,
    sequence: bundle.sequence,
    previousDigest: bundle.previous_digest,
    keyId: bundle.key_id,
    bundleId: bundle.bundle_id,
    check: bundle.check,
    outcome: bundle.outcome,
    orderId: bundle.order_id,
    timestampEnd: bundle.timestamp_end,
    receivedAt: now.toISOString(),
    bytes,
    signature: raw,
  };

  const kept = await store.keep(arrived, (around): Placed => {
    checkKey(arrived, around);
    const fork = isFork(arrived, around);
    return { fork, receipt: receiptOf(arrived, fork, signer), successor };
  });
  const { receipt, head } = kept;
  if (kept.fork) return { status: 409, receipt, head: headOf(arrived, head, signer) };
  return { status: kept.known ? 200 : 201, receipt };
}

function open({
  bytes,
  signature,
  keys,
}: {
  bytes: Uint8Array;
  signature: string;
  keys: readonly HostKey[];
}): Bundle {
  const verifiers = keys.map(verifierOf);
  const opened = openBundle({ bytes, signature, verifiers });
  if (opened.ok) return opened.bundle;
  switch (opened.reason) {
    case 'too_large':
      throw new Refusal(413, 'too_large', 'The bundle is longer than a bundle may be.', 'bundle');
    case 'signature':
      throw new Refusal(
        422,
        'signature',
        'No enrolled key of this host signed these bytes.',
        'signature',
      );
    case 'malformed':
      throw new Refusal(
        422,
        'bundle_malformed',
        'What was signed is no evidence bundle.',
        wrongField(bytes),
      );
  }
}

/** Which field of bytes that did verify is wrong. */
function wrongField(bytes: Uint8Array): string {
  const value = decodeJson(bytes);
  const { error } = Bundle.safeParse(value);
  return error === undefined ? 'key_id' : fieldIssues(error, value)[0]?.field || 'bundle';
}

function receiptOf(arrived: Arrived, fork: boolean, signer: Signer): Envelope {
  return sealEnvelope(
    {
      type: RECEIPT_TYPE,
      host_id: arrived.hostId,
      chain_id: arrived.chainId,
      sequence: arrived.sequence,
      bundle_sha256: arrived.sha256,
      received_at: arrived.receivedAt,
      fork,
    },
    signer,
  );
}

function headOf({ hostId, chainId, receivedAt }: Arrived, head: Head, signer: Signer): Envelope {
  return sealEnvelope(
    {
      type: HEAD_TYPE,
      host_id: hostId,
      chain_id: chainId,
      sequence: head.sequence,
      bundle_sha256: head.sha256,
      issued_at: receivedAt,
    },
    signer,
  );
}
