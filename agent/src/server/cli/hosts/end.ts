import { EXIT, Exit } from '../../../terminal/exit.ts';
import type { ConfigOption } from '../config-option.ts';
import { withStore } from '../with-store.ts';

export async function endHost(
  hostId: string,
  state: 'revoked' | 'retired',
  options: ConfigOption,
): Promise<void> {
  const now = new Date().toISOString();
  const known = await withStore(options, (store) => store.setHostState({ hostId, state, now }));
  if (!known) throw new Exit(EXIT.failed, `${hostId} is not enrolled`);
  console.log(`${hostId} is ${state}`);
}
