import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createPlatformSigner, createPlatformVerifier, type Verifier } from '../../core/ed25519.ts';
import { readPublicKeys, readSeed } from '../../effects/keys.ts';
import { InputError } from '../../wire/input.ts';
import { type AppOptions, createApp } from '../http/app.ts';
import { listenForProxy } from '../http/listen.ts';
import { checkpointSeal } from '../log/log.ts';
import type { ServerSettings } from '../settings.ts';
import { startWatch } from '../watch/watch.ts';
import type { ConfigOption } from './config-option.ts';
import { withStore } from './with-store.ts';

/** Beside this program’s own parts: dist/viewer, from dist/lib/server/cli. */
const MODULES = fileURLToPath(new URL('../../../viewer/', import.meta.url));
/** Open requests have this long to end after SIGTERM. */
const GRACE_MS = 8000;

/** Listens until SIGTERM or SIGINT, then takes nothing new, lets what is open end, and stops within ten seconds. */
export function serve(options: ConfigOption): Promise<void> {
  return withStore(options, async (store, settings) => {
    const tls = await readTls(settings);
    const logger = pino({ level: settings.log_level });
    const signer = createPlatformSigner(readSeed(settings.receipt_key_file));
    const now = () => new Date();
    const app = await createApp({
      store,
      signer,
      now,
      tls,
      operators: () => readOperators(settings),
      modules: MODULES,
      limits: {
        headerTimeout: settings.header_timeout,
        requestTimeout: settings.request_timeout,
        idleTimeout: settings.idle_timeout,
        maxConnections: settings.max_connections,
        orderRequestTtl: settings.order_request_ttl,
        attestationInterval: settings.attestation_interval,
      },
      logger,
    }).catch((cause) => {
      const found = cause instanceof Error ? cause.message : String(cause);
      const expected = 'expected a certificate, its key and an authority';
      throw new InputError(settings.cert_file ?? '', [{ field: 'cert_file', found, expected }], {
        cause,
      });
    });
    const stopped = signalled();
    const { listen_address: host, listen_port: port, proxy_socket } = settings;
    if (proxy_socket === undefined) await app.listen({ host, port });
    else await listenForProxy(app, proxy_socket);
    const seal = checkpointSeal({ signer, now });
    const interval = settings.attestation_interval;
    const watch = startWatch({ store, seal, now, interval, logger });
    logger.info({ signal: await stopped }, 'stopping');
    const force = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    await app.close();
    await watch.stop();
    clearTimeout(force);
  });
}

/** Read each time, so that a changed file counts at once. Nobody’s where none is named. */
function readOperators({ operator_keys_file: file }: ServerSettings): Verifier[] {
  return file === undefined ? [] : readPublicKeys(file).map(createPlatformVerifier);
}

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => resolve(signal));
  });
}

/** Null behind a proxy. */
async function readTls({ proxy_socket, ...files }: ServerSettings): Promise<AppOptions['tls']> {
  if (proxy_socket !== undefined) return null;
  const read = (field: 'client_ca_file' | 'cert_file' | 'key_file') =>
    readPem(field, files[field] ?? '');
  const [ca, cert, key] = await Promise.all([
    read('client_ca_file'),
    read('cert_file'),
    read('key_file'),
  ]);
  return { ca, cert, key };
}

async function readPem(field: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new InputError(path, [
      { field, found: cause.code, expected: 'expected a readable PEM file' },
    ]);
  });
}
