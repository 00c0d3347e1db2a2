import { createPlatformVerifier } from '../../../core/ed25519.ts';
import { readPublicKeys } from '../../../effects/keys.ts';
import { EXIT, Exit } from '../../../terminal/exit.ts';
import { describeFailure, FailureError } from '../../../wire/failure.ts';
import { InputError } from '../../../wire/input.ts';
import { approveOrder } from '../../orders/approve.ts';
import { expireOrders } from '../../orders/expire.ts';
import { DEFAULT_CONFIG } from '../../settings.ts';
import { COMMAND } from '../../store/order-events.ts';
import type { ConfigOption } from '../config-option.ts';
import { readJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function importOrder(file: string, options: ConfigOption): Promise<void> {
  const signed = readJson(file);
  await withStore(options, async (store, settings) => {
    const now = new Date();
    await expireOrders(store, { now, ttl: settings.order_request_ttl });
    const operators = readPublicKeys(operatorKeys(settings, options)).map(createPlatformVerifier);
    const approved = await approveOrder({
      store,
      envelope: signed,
      operators,
      by: COMMAND,
      now,
    }).catch((error) => {
      if (!(error instanceof FailureError)) throw error;
      throw new Exit(EXIT.failed, `${file}: ${describeFailure(error.failure)}`);
    });
    const { orderId, hostId, expiresAt } = approved;
    console.log(`order ${orderId} is approved and waits for ${hostId} until ${expiresAt}`);
  });
}

function operatorKeys(
  settings: { operator_keys_file?: string | undefined },
  { config }: ConfigOption,
): string {
  if (settings.operator_keys_file !== undefined) return settings.operator_keys_file;
  const expected =
    'expected a path, as orders are imported only by the key of an enrolled operator';
  throw new InputError(config ?? DEFAULT_CONFIG, [
    { field: 'operator_keys_file', found: 'nothing', expected },
  ]);
}
