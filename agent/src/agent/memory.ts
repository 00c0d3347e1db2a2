import { createPlatformVerifier, type Verifier } from '../core/ed25519.ts';
import { openBundle } from '../core/record.ts';
import type { Reader } from '../effects/store/reader.ts';
import type { BundleRow } from '../effects/store/rows.ts';
import type { Bundle } from '../wire/evidence.ts';
import { KeyChange } from '../wire/lineage.ts';
import { type Memory, remember } from './recorder.ts';

/** Key bundles that are looked at, two a rotation: what an older key signed last is long repeated. */
const MAX_ROTATIONS = 64;

/**
 * What the evidence says was recorded last, so that a restart repeats nothing. Only a bundle that our key signed counts,
 * or one before it that handed over: what does not verify is recorded anew.
 */
export function recall(
  store: Pick<Reader, 'list' | 'files'>,
  { checks, verifier }: { checks: readonly string[]; verifier: Verifier },
): { memory: Memory; lastEvent: string | null } {
  const memory: Memory = { states: new Map(), attestedAt: null };
  const verifiers = [verifier];
  const open = (row: BundleRow): Bundle | null => {
    const opened = openBundle({ ...store.files(row), verifiers });
    return opened.ok ? opened.bundle : null;
  };
  for (const row of store.list({ check: 'key', limit: MAX_ROTATIONS }).bundles) {
    const change = KeyChange.safeParse(open(row));
    if (change.success) verifiers.push(predecessor(change.data));
  }
  const latest = (check: string): Bundle | null => {
    const [row] = store.list({ check, limit: 1 }).bundles;
    return row === undefined ? null : open(row);
  };
  for (const check of [...checks, 'attestation']) {
    const bundle = latest(check);
    if (bundle !== null) remember(memory, bundle);
  }
  return { memory, lastEvent: eventOf(latest('agent')) };
}

function predecessor({ pre_state }: KeyChange): Verifier {
  return createPlatformVerifier(Buffer.from(pre_state.public_key, 'base64'));
}

function eventOf(bundle: Bundle | null): string | null {
  const state = bundle?.post_state;
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return null;
  return typeof state['event'] === 'string' ? state['event'] : null;
}
