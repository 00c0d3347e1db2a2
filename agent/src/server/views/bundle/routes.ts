import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { signatureText } from '../../../core/record.ts';
import type { Bundle } from '../../../wire/evidence.ts';
import { Sha256 } from '../../../wire/primitives.ts';
import { checkpointSeal, proveInclusion } from '../../log/log.ts';
import type { StoredBundle } from '../../store/store.ts';
import type { Keys } from '../keys.ts';
import { layout, PAGE_HEADERS } from '../layout.ts';
import type { ViewerOptions } from '../routes.ts';
import { notThere, type OfHost, visibleHost } from '../visible.ts';
import { bundlePage } from './page.ts';

type OfBundle = { Params: { host: string; sha256: string } };

/** A bundle’s page, and the exact bytes of which a browser makes up its own mind. */
export function bundleRoutes(app: FastifyInstance, { store, signer, now }: ViewerOptions): void {
  const seal = checkpointSeal({ signer, now });
  const PATH = '/hosts/:host/bundles/:sha256';

  const hostOf = async (request: FastifyRequest<OfHost>) =>
    (await visibleHost(store, request)).enrolled;
  const bundleOf = async (request: FastifyRequest<OfBundle>): Promise<StoredBundle> => {
    const { sha256 } = request.params;
    const { host } = await hostOf(request);
    const known = Sha256.safeParse(sha256).success;
    const stored = known ? await store.bundle(host.hostId, sha256) : null;
    if (stored === null) throw notThere('bundle');
    return stored;
  };

  app.get<OfBundle>(PATH, async (request, reply) => {
    const { keys } = await hostOf(request);
    const stored = await bundleOf(request);
    const bundle = JSON.parse(Buffer.from(stored.bytes).toString('utf8')) as Bundle;
    const { host_id: hostId, chain_id: chainId, sequence } = bundle;
    const [after] = await store.bundles({
      ...{ hostId, chainId, limit: 1 },
      after: { sequence, arrival: Number.MAX_SAFE_INTEGER },
    });
    const body = bundlePage({
      stored,
      bundle,
      next: after?.sha256 ?? null,
      hostKeys: keys.map(({ keyId }) => keyId),
    });
    const title = `${bundle.check}: ${bundle.outcome}, ${hostId}`;
    const { reader } = request;
    const scripts = ['verify.js'];
    return reply
      .headers(PAGE_HEADERS)
      .send(layout({ title, reader, place: '/fleet', body, scripts }));
  });

  const file = (name: string, type: string, bytes: (stored: StoredBundle) => Buffer) =>
    app.get<OfBundle>(`${PATH}/${name}`, async (request, reply) =>
      sendFile(reply, { type, name, bytes: bytes(await bundleOf(request)) }),
    );
  file('bundle.json', JSON_TYPE, ({ bytes }) => Buffer.from(bytes));
  file('bundle.sig', TEXT_TYPE, ({ signature }) => Buffer.from(signatureText(signature)));
  file('receipt.json', JSON_TYPE, ({ receipt }) => Buffer.from(receipt.payload, 'base64'));
  file('receipt.sig', TEXT_TYPE, ({ receipt }) => Buffer.from(`${receipt.signature}\n`));

  app.get<OfBundle>(`${PATH}/proof.json`, async (request, reply) => {
    const { sha256 } = await bundleOf(request);
    const proof = await proveInclusion({ store, seal, hostId: request.params.host, sha256 });
    if (proof === null) throw notThere('proof');
    return sendFile(reply, json('proof.json', proof));
  });

  app.get<OfHost>('/hosts/:host/keys.json', async (request, reply) => {
    const { keys } = await hostOf(request);
    const found: Keys = {
      host_keys: keys.map((key) => ({ key_id: key.keyId, public_key: hex(key.publicKey) })),
      receipt_key: { key_id: signer.keyId, public_key: hex(signer.publicKey) },
    };
    return sendFile(reply, json('keys.json', found));
  });
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const json = (name: string, value: object) => ({
  name,
  type: JSON_TYPE,
  bytes: Buffer.from(JSON.stringify(value)),
});

function sendFile(
  reply: FastifyReply,
  { type, name, bytes }: { type: string; name: string; bytes: Buffer },
): FastifyReply {
  const disposition = `attachment; filename="${name}"`;
  return reply
    .headers({ ...PAGE_HEADERS, 'content-type': type, 'content-disposition': disposition })
    .send(bytes);
}
