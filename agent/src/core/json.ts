const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON of UTF-8 bytes; `undefined`, which every schema refuses, where they are none. */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}
