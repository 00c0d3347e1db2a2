import type { OrderState } from '../../wire/routes.ts';

/** Who did something to an order: a reader in the viewer, its host, an administrator’s command, or time. */
export type Actor =
  | { readonly kind: 'reader' | 'host'; readonly name: string }
  | { readonly kind: 'command' | 'time'; readonly name: null };

export const COMMAND: Actor = { kind: 'command', name: null };

/** One step of an order’s life. `exported`: handed out for signing, which may be done again. */
export type OrderEvent = {
  readonly at: string;
  readonly what: OrderState | 'exported';
  readonly by: Actor;
};
