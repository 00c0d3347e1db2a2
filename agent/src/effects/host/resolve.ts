import { lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** As many links as the kernel follows before ELOOP (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Where `path` lies when `root` is taken for `/`, links followed component by component: an absolute target begins at
 * the root again and `..` stops there, as after chroot(2). With `follow: false` the last component is not followed.
 * Throws the file system’s own errors. On the machine itself (`root` is `/`) the kernel does all of this; another root
 * is a folder on our own disk, which holds nobody up.
 */
export function resolveInRoot({
  root,
  path,
  follow = true,
}: {
  root: string;
  path: string;
  follow?: boolean;
}): string {
  if (root === '/') return path;
  const waiting = components(path);
  const done: string[] = [];
  let links = 0;
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (name === '..') {
      done.pop();
      continue;
    }
    const here = join(root, ...done, name);
    const last = waiting.length === 0;
    const isLink = (follow || !last) && lstatSync(here).isSymbolicLink();
    if (!isLink) {
      done.push(name);
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    const target = readlinkSync(here);
    if (target.startsWith('/')) done.length = 0;
    waiting.unshift(...components(target));
  }
  return join(root, ...done);
}

function components(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
