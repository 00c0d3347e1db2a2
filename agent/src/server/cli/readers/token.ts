import { EXIT, Exit } from '../../../terminal/exit.ts';
import { newToken } from '../../http/session.ts';
import type { ConfigOption } from '../config-option.ts';
import { withStore } from '../with-store.ts';

/** The token alone on standard output, so that it can be piped; until when it counts on standard error. */
export async function printToken(name: string, options: ConfigOption): Promise<void> {
  const now = new Date();
  const { text, sha256, expiresAt } = newToken(now);
  const token = { name, sha256, expiresAt, now: now.toISOString() };
  const given = await withStore(options, (store) => store.giveToken(token));
  if (!given) throw new Exit(EXIT.failed, `there is no active reader ${name}`);
  console.log(text);
  console.error(`signs ${name} in at /sign-in, once, until ${expiresAt}`);
}
