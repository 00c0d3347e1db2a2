import { readJournal } from '../../../effects/journal.ts';
import { loadConfig } from '../../config.ts';
import type { ConfigOption } from '../options.ts';

export async function listOrders({
  config: file,
  json = false,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const { settings } = await loadConfig({ file, env: process.env, now: new Date() });
  const orders = readJournal(settings.state_dir).orders.map(({ envelope: _, ...order }) => order);
  if (json) return void console.log(JSON.stringify(orders, null, 2));
  if (orders.length === 0) return void console.log('no orders');
  for (const { at, state, check, runbook_id, order_id, request_id } of orders)
    console.log(
      `${at}  ${state.padEnd(9)} ${check.padEnd(11)} ${runbook_id}  ${order_id ?? request_id}`,
    );
}
