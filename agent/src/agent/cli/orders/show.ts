import { readJournal } from '../../../effects/journal.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';

/** What is shown of a signed order is what it says; whether it holds is for the root side to judge. */
export async function showOrder(id: string, { config: file }: ConfigOption): Promise<void> {
  const { settings } = await loadConfig({ file, env: process.env, now: new Date() });
  const order = readJournal(settings.state_dir).orders.find(
    ({ order_id, request_id }) => order_id === id || request_id === id,
  );
  if (order === undefined) throw new Exit(EXIT.failed, `no order ${id}`);
  const { envelope, ...known } = order;
  const payload = envelope && JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
  console.log(JSON.stringify({ ...known, key_id: envelope?.key_id ?? null, payload }, null, 2));
}
