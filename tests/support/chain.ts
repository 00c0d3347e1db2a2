import type { Signer } from '../../agent/src/core/ed25519.ts';
import { bundleBytes, signatureText } from '../../agent/src/core/record.ts';
import { sha256Hex } from '../../agent/src/wire/canonical.ts';
import type { Draft, HostContext } from '../../agent/src/wire/evidence.ts';
import { NO_DIGEST } from '../../agent/src/wire/primitives.ts';
import { CONTEXT, draftOf } from './evidence.ts';

export type Signed = {
  readonly sequence: number;
  readonly bytes: Buffer;
  readonly signature: string;
  readonly sha256: string;
};

let bundles = 0;
const nextId = () => {
  bundles += 1;
  return `00000000-0000-4000-8000-${bundles.toString(16).padStart(12, '0')}`;
};

export const CHAIN = '7d9f1a52-5c1e-4a0e-9d55-2f5f6c1c9a10';

/** A signed bundle at a place of a chain. */
export function signedBundle({
  signer,
  sequence = 1,
  previous = NO_DIGEST,
  chainId = CHAIN,
  draft = {},
  context = {},
}: {
  signer: Signer;
  sequence?: number;
  previous?: string;
  chainId?: string;
  draft?: Partial<Draft>;
  context?: Partial<HostContext>;
}): Signed {
  const bytes = bundleBytes({
    bundleId: nextId(),
    draft: draftOf(draft),
    context: { ...CONTEXT, ...context },
    link: { chain_id: chainId, sequence, previous_digest: previous, key_id: signer.keyId },
  });
  return {
    sequence,
    bytes,
    signature: signatureText(signer.sign(bytes)),
    sha256: sha256Hex(bytes),
  };
}

/** `length` bundles that follow `after`, or begin a chain. */
export function signedChain({
  length,
  after,
  ...options
}: { length: number; after?: Signed } & Omit<
  Parameters<typeof signedBundle>[0],
  'sequence' | 'previous'
>): Signed[] {
  const chain: Signed[] = [];
  for (let last = after; chain.length < length; last = chain.at(-1)) {
    const place = last === undefined ? {} : { sequence: last.sequence + 1, previous: last.sha256 };
    chain.push(signedBundle({ ...options, ...place }));
  }
  return chain;
}
