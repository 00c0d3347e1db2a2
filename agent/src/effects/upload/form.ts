import { randomUUID } from 'node:crypto';

/**
 * A bundle and its signature as multipart/form-data (RFC 7578), in one piece. A `FormData` would bring the whole of
 * fetch() with it, ten MiB, to stream what is in memory already. A random boundary cannot stand in either part.
 */
export function evidenceForm(
  bytes: Uint8Array,
  signature: string,
): { headers: Record<string, string>; body: Uint8Array } {
  const boundary = randomUUID();
  const text = (...lines: string[]) => Buffer.from(lines.join('\r\n'));
  const body = Buffer.concat([
    text(
      `--${boundary}`,
      'Content-Disposition: form-data; name="bundle"; filename="bundle.json"',
      'Content-Type: application/json',
      '\r\n',
    ),
    bytes,
    text(
      '',
      `--${boundary}`,
      'Content-Disposition: form-data; name="signature"; filename="bundle.sig"',
      'Content-Type: text/plain',
      '',
      signature,
      `--${boundary}--\r\n`,
    ),
  ]);
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
}
