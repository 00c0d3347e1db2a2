import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Client } from 'undici';
import type { Issued } from '../../demo/certificates.ts';
import { FORM_TYPE } from './bundles.ts';

/** How a client comes: by a connection that it keeps, by a new one that resumes the last, by one that is wholly new. */
export type Coming = 'kept' | 'resumed' | 'new';

/** One host over mTLS, which sends one bundle at a time; each must be taken. */
export type LoadClient = {
  send(body: Buffer): Promise<void>;
  close(): Promise<void>;
};

type Connecting = { readonly url: string; readonly ca: string; readonly issued: Issued };

export function connectClient(
  coming: Coming,
  { url, ca, issued: { certificate: cert, key } }: Connecting,
): LoadClient {
  const headers = { 'content-type': FORM_TYPE };
  if (coming === 'kept') {
    const client = new Client(url, { connect: { ca, cert, key } });
    return {
      async send(body) {
        const path = '/api/evidence';
        const answer = await client.request({ path, method: 'POST', headers, body });
        mustBeTaken(answer.statusCode, await answer.body.text());
      },
      close: () => client.destroy(),
    };
  }
  const agent = new Agent({ maxCachedSessions: coming === 'resumed' ? 1 : 0, ca, cert, key });
  let connections = 0;
  return {
    async send(body) {
      const more = { 'content-length': body.length };
      const asked = request(`${url}/api/evidence`, {
        method: 'POST',
        agent,
        headers: { ...headers, ...more },
      });
      asked.end(body);
      const [response] = await once(asked, 'response');
      let text = '';
      for await (const part of response) text += part;
      mustBeTaken(response.statusCode, text);
      const resumed = (asked.socket as TLSSocket).isSessionReused();
      if (connections > 0 && resumed !== (coming === 'resumed')) {
        throw new Error(`a connection was ${resumed ? '' : 'not '}resumed`);
      }
      connections += 1;
    },
    async close() {
      agent.destroy();
    },
  };
}

function mustBeTaken(status: number, text: string): void {
  if (status !== 201) throw new Error(`${status}: ${text}`);
}

export type Run = {
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** Milliseconds of each answer. */
  readonly latencies: readonly number[];
};

/** Every client sends its bodies, one after the other. */
export async function sendAll(
  clients: readonly LoadClient[],
  bodiesOf: (client: number) => Iterable<Buffer>,
): Promise<Run> {
  const latencies: number[] = [];
  const started = performance.now();
  await Promise.all(
    clients.map(async (client, index) => {
      for (const body of bodiesOf(index)) {
        const sent = performance.now();
        await client.send(body);
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return { seconds: (performance.now() - started) / 1000, latencies };
}

/** The latency that a share of the answers did not exceed. */
export function latencyAt(latencies: readonly number[], share: number): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}
