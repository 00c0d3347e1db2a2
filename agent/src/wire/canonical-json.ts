import serialize from 'canonicalize';
import type { Json } from './primitives.ts';

/** The canonical UTF-8 bytes of a JSON value (RFC 8785). Throws on NaN, infinities and lone surrogates, which JSON lacks. */
export function canonicalBytes(value: Json): Buffer {
  const text = serialize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return Buffer.from(text, 'utf8');
}
