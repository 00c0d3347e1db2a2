import { EXIT, Exit } from '../../../terminal/exit.ts';
import { COMMAND } from '../../store/order-events.ts';
import type { ConfigOption } from '../config-option.ts';
import { withStore } from '../with-store.ts';

export async function rejectOrder(orderId: string, options: ConfigOption): Promise<void> {
  const now = new Date().toISOString();
  const rejected = await withStore(options, (store) =>
    store.changeOrder({ orderId, from: 'requested', to: 'rejected', by: COMMAND, now }),
  );
  if (!rejected) throw new Exit(EXIT.failed, `there is no requested order ${orderId}`);
  console.log(`order ${orderId} is rejected`);
}
