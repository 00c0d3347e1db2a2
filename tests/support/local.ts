import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The port that a server of this test was given. */
export const portOf = (server: { address(): AddressInfo | string | null }) =>
  (server.address() as AddressInfo).port;

/** What an agent shows at its metrics socket. */
export async function scrape(socketPath: string): Promise<string> {
  const asked = request({ socketPath, path: '/metrics' });
  asked.end();
  const [response] = await once(asked, 'response');
  let body = '';
  for await (const part of response) body += part;
  return body;
}
