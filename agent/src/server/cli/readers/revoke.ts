import { EXIT, Exit } from '../../../terminal/exit.ts';
import type { ConfigOption } from '../config-option.ts';
import { withStore } from '../with-store.ts';

export async function revokeReader(name: string, options: ConfigOption): Promise<void> {
  const now = new Date().toISOString();
  const revoked = await withStore(options, (store) => store.revokeReader({ name, now }));
  if (!revoked) throw new Exit(EXIT.failed, `there is no active reader ${name}`);
  console.log(`${name} is revoked`);
}
