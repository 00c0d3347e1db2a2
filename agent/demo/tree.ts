import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files and links of a folder that a re-rooted check takes for `/`: text is a file, `{ to }` a symbolic link. */
export type Tree = Record<string, string | { readonly to: string }>;

/** Writes a tree below `root`; what stands at a path is replaced. */
export function plant(root: string, tree: Tree): void {
  for (const [path, what] of Object.entries(tree)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    rmSync(place, { recursive: true, force: true });
    if (typeof what === 'string') writeFileSync(place, what);
    else symlinkSync(what.to, place);
  }
}
