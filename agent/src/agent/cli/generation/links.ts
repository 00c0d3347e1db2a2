import { realpathSync } from 'node:fs';

/** Where a link leads in the end; null where it leads nowhere. */
export function readLink(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
