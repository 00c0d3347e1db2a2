import { resolve } from 'node:path';
import { EXIT } from '../../../terminal/exit.ts';
import { runDaemon } from '../../main.ts';
import type { ConfigOption } from '../options.ts';
import type { RootOption } from './index.ts';

export async function run({ config: file, root }: ConfigOption & RootOption): Promise<void> {
  await runDaemon({ file, root: resolve(root) });
  process.exit(EXIT.ok); // a look or request that did not end in time is left behind
}
