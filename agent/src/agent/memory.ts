import type { Verifier } from '../core/ed25519.ts';
import { openBundle } from '../core/record.ts';
import type { Reader } from '../effects/store/reader.ts';
import type { Bundle } from '../wire/evidence.ts';
import { type Memory, remember } from './recorder.ts';

/**
 * What the evidence says was recorded last, so that a restart repeats nothing. Only a bundle that our key signed counts:
 * what does not verify is recorded anew.
 */
export function recall(
  store: Pick<Reader, 'list' | 'files'>,
  { checks, verifier }: { checks: readonly string[]; verifier: Verifier },
): { memory: Memory; lastEvent: string | null } {
  const memory: Memory = { states: new Map(), attestedAt: null };
  const latest = (check: string): Bundle | null => {
    const [row] = store.list({ check, limit: 1 }).bundles;
    if (row === undefined) return null;
    const { bytes, signature } = store.files(row);
    const opened = openBundle({ bytes, signature, verifiers: [verifier] });
    return opened.ok ? opened.bundle : null;
  };
  for (const check of [...checks, 'attestation']) {
    const bundle = latest(check);
    if (bundle !== null) remember(memory, bundle);
  }
  return { memory, lastEvent: eventOf(latest('agent')) };
}

function eventOf(bundle: Bundle | null): string | null {
  const state = bundle?.post_state;
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return null;
  return typeof state['event'] === 'string' ? state['event'] : null;
}
