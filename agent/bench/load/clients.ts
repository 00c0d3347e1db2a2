import { Client } from 'undici';
import type { Authority } from '../../demo/certificates.ts';
import { FORM_TYPE } from './bundles.ts';

/** One connection of one host, which is kept, over mTLS. */
export type LoadClient = { readonly client: Client; readonly bodies: readonly Buffer[] };

export type Run = {
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** Milliseconds of each answer. */
  readonly latencies: readonly number[];
};

export async function connectClients({
  url,
  authority,
  hosts,
}: {
  url: string;
  authority: Authority;
  hosts: readonly { hostId: string; bodies: readonly Buffer[] }[];
}): Promise<LoadClient[]> {
  return Promise.all(
    hosts.map(async ({ hostId, bodies }) => {
      const { certificate: cert, key } = await authority.issueClient({ commonName: hostId });
      const client = new Client(url, { connect: { ca: authority.certificate, cert, key } });
      return { client, bodies };
    }),
  );
}

/** Every client sends its bodies from `from` to `to`, one after the other; all answers must be 201. */
export async function sendAll(
  clients: readonly LoadClient[],
  { from, to }: { from: number; to: number },
): Promise<Run> {
  const latencies: number[] = [];
  const started = performance.now();
  await Promise.all(
    clients.map(async ({ client, bodies }) => {
      for (const body of bodies.slice(from, to)) {
        const sent = performance.now();
        const { statusCode, body: answer } = await client.request({
          path: '/api/evidence',
          method: 'POST',
          headers: { 'content-type': FORM_TYPE },
          body,
        });
        const text = await answer.text();
        latencies.push(performance.now() - sent);
        if (statusCode !== 201) throw new Error(`${statusCode}: ${text}`);
      }
    }),
  );
  return { seconds: (performance.now() - started) / 1000, latencies };
}
