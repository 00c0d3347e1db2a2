import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type Agent, request } from 'node:https';
import type { Issued } from '../../agent/demo/certificates.ts';
import type { TestAuthority } from './ca.ts';

export type Answered = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** One request over TLS, with or without a certificate, that follows no redirection. */
export async function ask(
  url: string,
  {
    ca,
    issued,
    method = 'GET',
    headers = {},
    body,
    agent = false,
  }: {
    ca: TestAuthority;
    issued?: Issued | undefined;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    agent?: Agent | false;
  },
): Promise<Answered> {
  const identity = issued && { cert: issued.certificate, key: issued.key };
  const asked = request(url, {
    ...{ ca: ca.authority.certificate, method, headers, agent },
    ...identity,
  });
  asked.on('error', () => undefined); // the server may answer and end the connection before all is sent
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const part of response) text += part;
  return { status: response.statusCode, headers: response.headers, body: text };
}

/** Fills in a form of the server as a browser does. */
export const post = (
  url: string,
  {
    fields = {},
    headers,
    ...options
  }: Parameters<typeof ask>[1] & { fields?: Record<string, string> },
): Promise<Answered> =>
  ask(url, {
    ...options,
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: String(new URLSearchParams(fields)),
  });
