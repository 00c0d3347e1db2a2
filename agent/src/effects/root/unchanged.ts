import { statSync } from 'node:fs';
import { identify } from '../../core/file-identity.ts';

/** Milliseconds: the kernel’s clock of files goes in steps, so that what was written twice in one may look unchanged. */
const YOUNG = 1000;

/**
 * Reads again only when `place` has changed: a file, or a folder whose files come by rename(2) alone. One that is not
 * there, or that changed within the last second by the host’s clock, is read each time.
 */
export function whileUnchanged<T>(place: () => string, read: () => T): () => T {
  let known: { identity: string; value: T } | undefined;
  return () => {
    const found = statSync(place(), { bigint: true, throwIfNoEntry: false });
    if (found === undefined) return read();
    const identity = `${place()} ${identify(found)}`;
    if (known?.identity === identity) return known.value;
    const value = read();
    const age = Date.now() - Number(found.ctimeNs / 1_000_000n);
    known = age > YOUNG ? { identity, value } : undefined;
    return value;
  };
}
