import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unitEnvironment } from '../demo/programs.ts';
import type { Stage } from '../demo/stage.ts';
import { AGENT_PROGRAM } from './programs.ts';

/** In a mount namespace of its own: this machine’s folders come into the clinic’s, which then is `/`. */
const ENTER = `root=$1; shift
while [ "$1" != -- ]; do [ ! -d "$1" ] || mount --rbind "$1" "$root$1"; shift; done
shift; exec chroot "$root" "$@"`;

/**
 * Starts the agent on a simulated host that is its real root, as a machine is: the kernel walks its paths. Another root
 * is for demonstrations, and the agent walks its paths link by link.
 */
export function startOnRealRoot(
  stage: Stage,
  { root, config }: { root: string; config: string },
): void {
  const repository = fileURLToPath(new URL('../../../../', import.meta.url));
  const brought = [
    '/usr',
    '/lib',
    '/lib64',
    '/dev',
    stage.folder,
    repository,
    dirname(process.execPath),
  ];
  for (const folder of brought) mkdirSync(join(root, folder), { recursive: true });
  symlinkSync('/usr/bin/dash', join(root, 'bin/sh'));
  const agent = [process.execPath, AGENT_PROGRAM, 'run', '--config', config];
  stage.start(
    'agent',
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      ENTER,
      'enter',
      root,
      ...brought,
      '--',
      ...agent,
    ],
    { env: { ...process.env, ...unitEnvironment(), PATH: '/bin:/usr/bin:/usr/sbin' } },
  );
}
