/** Public keys for who verifies in a browser: 32 bytes each, in lower-case hex. */
export type Key = { readonly key_id: string; readonly public_key: string };
export type Keys = {
  readonly host_keys: readonly Key[];
  /** Signs receipts and checkpoints. */
  readonly receipt_key: Key;
};
