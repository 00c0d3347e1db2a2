import { eventDraft } from '../../core/draft.ts';
import type { Signer } from '../../core/ed25519.ts';
import type { HostContext } from '../../wire/evidence.ts';
import { FailureError } from '../../wire/failure.ts';
import type { ChainReason, NamedKey } from '../../wire/lineage.ts';
import { appendBundle, type Recorded, type Writer } from './append.ts';

/** Integrity of what is recorded: 164.312(c)(1). */
const INTEGRITY = ['164.312(c)(1)'];

type At = { readonly context: HostContext; readonly at: Date };

/**
 * The two bundles of a rotation, of the same content. `signer` first is the old key, which hands over to the new one;
 * then it is the new key, which shows that it is held. So the old key vouches for the new, and whoever trusts only the
 * new one learns the old.
 */
export function recordRotation(
  writer: Writer,
  { signer, from, to, context, at }: { signer: Signer; from: Signer; to: Signer } & At,
): Recorded {
  const states = { pre: named(from), post: named(to) };
  const draft = eventDraft({ check: 'key', at, controls: INTEGRITY, ...states });
  return appendBundle(writer, { draft, context, signer, nextKeyId: to.keyId });
}

/** Begins a new chain, whose first bundle names the end of the one before and why it was left. */
export function recordNewChain(
  writer: Writer,
  { signer, reason, context, at }: { signer: Signer; reason: ChainReason } & At,
): Recorded {
  const head = writer.rows.head();
  if (head === null) throw new FailureError('absent', { where: 'store', reason: 'no chain yet' });
  const { chain_id, sequence, digest } = head;
  const pre = { chain_id, sequence, digest };
  const draft = eventDraft({ check: 'chain', at, controls: INTEGRITY, pre, post: { reason } });
  return appendBundle(writer, { draft, context, signer, newChain: true });
}

function named({ keyId, publicKey }: Signer): NamedKey {
  return { key_id: keyId, public_key: Buffer.from(publicKey).toString('base64') };
}
