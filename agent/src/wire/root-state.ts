import * as z from 'zod';
import { StorePath, Timestamp, Uuid } from './primitives.ts';
import { RemedySocket } from './remedy.ts';

/** What root changed by itself or for an administrator; each is due for evidence (DESIGN 4, 9). */
export const RootEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    number: z.number().int().min(1),
    kind: z.literal('acceptance'),
    at: Timestamp,
    by: z.enum(['first_start', 'order', 'operator', 'switch', 'boot']),
    generation: StorePath,
    previous: StorePath.nullable(),
    order_id: Uuid.nullable(),
  }),
  z.strictObject({
    number: z.number().int().min(1),
    kind: z.enum(['freeze', 'unfreeze']),
    at: Timestamp,
  }),
]);
export type RootEvent = z.infer<typeof RootEvent>;

/** `state.json` of the root side. Anybody may read it; only root writes it. Numbers rise over results and events. */
export const RootState = z.strictObject({
  version: z.literal(1),
  created_at: Timestamp.describe('orders issued before are refused: they may have been spent'),
  last_number: z.number().int().min(0),
  frozen_since: Timestamp.nullable(),
  boot_id: z.string().max(64).nullable().describe('the boot whose generation was last looked at'),
  orders: z.strictObject({
    highest_sequence: z.number().int().min(0),
    spent: z
      .array(z.strictObject({ nonce: z.string().regex(/^[0-9a-f]{32}$/), expires_at: Timestamp }))
      .max(4096),
  }),
  runs: z
    .partialRecord(RemedySocket, z.array(Timestamp).max(4096))
    .describe('starts of each remedy within the last hour'),
  events: z.array(RootEvent).max(256),
});
export type RootState = z.infer<typeof RootState>;
