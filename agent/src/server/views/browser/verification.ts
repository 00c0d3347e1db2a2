import { auditSides } from '../../../core/audit-path.ts';
import type { CheckpointPayload, Envelope, ReceiptPayload } from '../../../wire/envelope.ts';
import type { Bundle } from '../../../wire/evidence.ts';
import type { ProofAnswer } from '../../../wire/routes.ts';
import type { Keys } from '../keys.ts';
import { type Bytes, fromBase64, fromHex, sha256, toHex } from './bytes.ts';
import { verifySignature } from './ed25519.ts';

/** What is verified, in this order. */
export const STEPS = ['bytes', 'signature', 'chain', 'receipt', 'inclusion'] as const;
export type Step = (typeof STEPS)[number];

/** `could not`: something is not there or this browser cannot; that is no pass, and no failure either. */
export type Finding = {
  readonly state: 'verified' | 'failed' | 'could not';
  readonly words: string;
};

/** What a server gave of one bundle; null is what it did not give. */
export type Given = {
  /** As the address of the page names it. */
  readonly sha256: string;
  readonly hostId: string;
  readonly bundle: Bytes | null;
  readonly signature: string | null;
  readonly receipt: Bytes | null;
  readonly receiptSignature: string | null;
  /** Which key the receipt names. */
  readonly receiptKeyId: string;
  readonly proof: ProofAnswer | null;
  readonly keys: Keys | null;
  /** Asked for by its digest, once the signed bytes name it. */
  readonly previous: (sha256: string) => Promise<Bytes | null>;
};

export type Verification = {
  readonly findings: Readonly<Record<Step, Finding>>;
  /** What the bytes say, once their signature holds: verified before they are parsed. */
  readonly document: Bundle | null;
};

const verified = (words: string): Finding => ({ state: 'verified', words });
const failed = (words: string): Finding => ({ state: 'failed', words });
const couldNot = (words: string): Finding => ({ state: 'could not', words });

/** Checks a bundle with nothing but its bytes, the keys and this browser’s cryptography (DESIGN 6a). */
export async function verify(given: Given): Promise<Verification> {
  const none = couldNot('nothing to check');
  const findings = { bytes: none, signature: none, chain: none, receipt: none, inclusion: none };
  if (given.bundle === null) {
    findings.bytes = couldNot('the server did not give the bundle’s bytes');
    return { findings, document: null };
  }
  const digest = toHex(await sha256(given.bundle));
  findings.bytes =
    digest === given.sha256
      ? verified(`SHA-256 of ${given.bundle.length} bytes is the one that this page is about`)
      : failed(`SHA-256 of the bytes is ${digest}, which is not the one that this page is about`);
  const signed = await checkSignature(given, given.bundle);
  findings.signature = signed.finding;
  const { document } = signed;
  if (document === null) {
    findings.chain = couldNot('bytes that are not signed say nothing');
  } else findings.chain = await checkChain(document, given);
  findings.receipt = await checkReceipt({ given, digest, document });
  findings.inclusion =
    findings.receipt.state === 'verified'
      ? await checkInclusion(given)
      : couldNot('what the log holds are receipts, and none of these bytes holds');
  return { findings, document };
}

async function checkSignature(
  { signature, keys, hostId }: Given,
  bundle: Bytes,
): Promise<{ finding: Finding; document: Bundle | null }> {
  const no = (finding: Finding) => ({ finding, document: null });
  if (signature === null) return no(couldNot('the server did not give the signature'));
  if (keys === null) return no(couldNot('the server did not give the host’s keys'));
  for (const { key_id, public_key } of keys.host_keys) {
    const publicKey = fromHex(public_key);
    const fits = { publicKey, message: bundle, signature: fromBase64(signature) };
    if (!(await verifySignature(fits))) continue;
    const document = parse<Bundle>(bundle);
    if (toHex(await sha256(publicKey)) !== key_id || document?.key_id !== key_id) {
      return no(failed('the bytes name another key than the one that signed them'));
    }
    if (document.host_id !== hostId) return no(failed('the bytes are of another host'));
    return { finding: verified(`Ed25519, by key ${key_id}`), document };
  }
  return no(failed('no key of this host signed these bytes'));
}

async function checkChain(document: Bundle, { previous }: Given): Promise<Finding> {
  const { sequence, previous_digest, chain_id } = document;
  const first = /^0{64}$/.test(previous_digest);
  if (sequence === 1 || first) {
    return sequence === 1 && first
      ? verified('number 1: it begins its chain and follows nothing')
      : failed('64 zeros belong to number 1 and to no other');
  }
  const before = await previous(previous_digest);
  if (before === null) return couldNot('the server does not hold the bundle before it');
  if (toHex(await sha256(before)) !== previous_digest) {
    return failed(`the bundle before it is not the one that number ${sequence} names`);
  }
  const link = parse<Bundle>(before);
  return link?.chain_id === chain_id && link.sequence === sequence - 1
    ? verified(`number ${sequence} names the SHA-256 of number ${sequence - 1}`)
    : failed('the bundle that it names stands elsewhere');
}

async function checkReceipt({
  given,
  digest,
  document,
}: {
  given: Given;
  digest: string;
  document: Bundle | null;
}): Promise<Finding> {
  const { receipt, receiptSignature, receiptKeyId, keys } = given;
  if (receipt === null || receiptSignature === null)
    return couldNot('the server gave no receipt for it');
  if (keys === null) return couldNot('the server did not give its receipt key');
  const server = serverKey(keys, receiptKeyId);
  if (server === null) return couldNot(`its key ${receiptKeyId} is not the server’s present one`);
  const signature = fromBase64(receiptSignature);
  if (!(await verifySignature({ publicKey: server, message: receipt, signature })))
    return failed('it is not signed by the server’s receipt key');
  const payload = parse<ReceiptPayload>(receipt);
  const type: ReceiptPayload['type'] = 'compliance-agent/receipt/v1';
  if (payload?.type !== type || payload.bundle_sha256 !== digest)
    return failed('it is the receipt of another bundle');
  const { host_id, chain_id, sequence } = payload;
  const same =
    document === null ||
    (host_id === document.host_id &&
      chain_id === document.chain_id &&
      sequence === document.sequence);
  if (!same) return failed('it names another place than the bundle');
  const fork = payload.fork ? ', as a fork' : '';
  return verified(`the server signed that it had these bytes at ${payload.received_at}${fork}`);
}

async function checkInclusion({ proof, receipt, keys }: Given): Promise<Finding> {
  if (proof === null || receipt === null) return couldNot('the server gave no proof of inclusion');
  const { checkpoint, leaf_index: index, audit_path } = proof;
  const tree = keys && (await openCheckpoint(checkpoint, keys));
  if (!tree) return failed('the log’s checkpoint is not signed by the server’s receipt key');
  const sides = auditSides({ index, size: tree.size, length: audit_path.length });
  let hash = await sha256(Uint8Array.of(0), receipt); // RFC 6962 section 2.1: leaves and nodes apart
  for (const [at, text] of audit_path.entries()) {
    const pair = sides?.[at] === 'left' ? [fromHex(text), hash] : [hash, fromHex(text)];
    hash = await sha256(Uint8Array.of(1), ...pair);
  }
  return sides !== null && toHex(hash) === tree.root
    ? verified(`leaf ${index} of the ${tree.size} of the checkpoint of ${tree.issued_at}`)
    : failed('the audit path does not lead to the root of the signed checkpoint');
}

async function openCheckpoint(
  { payload, signature, key_id }: Envelope,
  keys: Keys,
): Promise<CheckpointPayload | null> {
  const publicKey = serverKey(keys, key_id);
  if (publicKey === null) return null;
  const message = fromBase64(payload);
  const holds = await verifySignature({ publicKey, message, signature: fromBase64(signature) });
  const tree = holds ? parse<CheckpointPayload>(message) : null;
  const type: CheckpointPayload['type'] = 'compliance-agent/checkpoint/v1';
  return tree?.type === type ? tree : null;
}

const serverKey = ({ receipt_key }: Keys, keyId: string): Bytes | null =>
  receipt_key.key_id === keyId ? fromHex(receipt_key.public_key) : null;

function parse<T>(bytes: Bytes): T | null {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as T;
  } catch {
    return null;
  }
}
