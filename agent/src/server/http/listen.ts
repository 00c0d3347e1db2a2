import { chownSync, existsSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { InputError } from '../../wire/input.ts';

/**
 * Listens on a Unix socket that its owner and the group of its folder may connect to, and nobody else: whoever can is
 * believed about client certificates. A socket that an earlier server left is replaced.
 */
export async function listenForProxy(app: FastifyInstance, path: string): Promise<void> {
  if (existsSync(path)) {
    if (!statSync(path).isSocket()) {
      const expected = 'expected a path where a socket can be made';
      throw new InputError(path, [{ field: 'proxy_socket', found: 'a file', expected }]);
    }
    unlinkSync(path);
  }
  const before = process.umask(0o117); // from its first moment: 0660
  try {
    await app.listen({ path });
  } finally {
    process.umask(before);
  }
  chownSync(path, process.getuid?.() ?? 0, statSync(dirname(path)).gid);
}
