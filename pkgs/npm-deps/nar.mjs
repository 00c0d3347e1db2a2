// The hash that Nix gives a folder: SHA-256 of its NAR (Dolstra, The Purely Functional Software Deployment Model, 5.2.1).
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `sha256-…` (base64) of a folder of plain files and folders, as `nix hash path` prints it. */
export function narHash(folder) {
  const hash = createHash('sha256');
  const write = (bytes) => {
    const data = Buffer.from(bytes);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(data.length));
    hash.update(length).update(data).update(Buffer.alloc((8 - (data.length % 8)) % 8));
  };
  const node = (path) => {
    write('(');
    write('type');
    const status = lstatSync(path);
    if (status.isFile()) {
      write('regular');
      if ((status.mode & 0o100) !== 0) for (const word of ['executable', '']) write(word);
      write('contents');
      write(readFileSync(path));
    } else if (status.isDirectory()) {
      write('directory');
      for (const name of readdirSync(path).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))) {
        for (const word of ['entry', '(', 'name', name, 'node']) write(word);
        node(join(path, name));
        write(')');
      }
    } else throw new Error(`${path} is neither a file nor a folder`);
    write(')');
  };
  write('nix-archive-1');
  node(folder);
  return `sha256-${hash.digest('base64')}`;
}
