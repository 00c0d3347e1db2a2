import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Authority } from '../../demo/certificates.ts';
import { startPostgresql } from '../../demo/postgresql.ts';
import { publicKeyToPem } from '../../src/core/keys.ts';
import type { LoadHost } from './bundles.ts';
import { type Coming, connectClient, type LoadClient } from './clients.ts';
import { prepareServer } from './prepare.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { FLOOR_STAGES, type Subject } from './subjects.ts';

const FLOOR_PROGRAM = fileURLToPath(new URL('./floor.js', import.meta.url));

/** A subject that runs, in a folder of its own, with its hosts enrolled. */
export type Opened = {
  readonly server: ServerProcess;
  /** A client for each host. */
  connect(coming: Coming, hosts?: readonly LoadHost[]): Promise<LoadClient[]>;
  close(): Promise<void>;
};

export async function openSubject(
  { name }: Subject,
  {
    folder,
    authority,
    hosts,
    profile = null,
    settings = {},
  }: {
    folder: string;
    authority: Authority;
    hosts: readonly LoadHost[];
    profile?: string | null;
    /** Of the server, beside what it needs. */
    settings?: Record<string, unknown>;
  },
): Promise<Opened> {
  const place = join(folder, name);
  mkdirSync(place);
  await writeTls(place, authority, hosts);
  const isFloor = (FLOOR_STAGES as readonly string[]).includes(name);
  // /var/tmp is on a disk, and its own user may go there.
  const cluster =
    name === 'copy' || name === 'postgresql'
      ? await startPostgresql({ durable: true, under: '/var/tmp' })
      : null;
  const made = await cluster?.makeDatabase('load');
  const command = isFloor
    ? [FLOOR_PROGRAM, name, place, cluster?.host ?? '']
    : await prepareServer({ place, hosts, settings, postgresql: made });
  const server = await startServer(
    profile === null
      ? command
      : ['--cpu-prof', `--cpu-prof-dir=${join(profile, name)}`, ...command],
  );
  return {
    server,
    connect: (coming, who = hosts) =>
      Promise.all(
        who.map(async ({ hostId }) => {
          const issued = await authority.issueClient({ commonName: hostId });
          return connectClient(coming, { url: server.url, ca: authority.certificate, issued });
        }),
      ),
    async close() {
      await server.stop();
      await cluster?.stop();
    },
  };
}

async function writeTls(
  place: string,
  { certificate, issueServer }: Authority,
  hosts: readonly LoadHost[],
): Promise<void> {
  const server = await issueServer({ names: ['127.0.0.1', 'localhost'] });
  const keys = hosts.map(({ hostId, signer }) => [hostId, publicKeyToPem(signer.publicKey)]);
  const files = {
    'ca.crt': certificate,
    'server.crt': server.certificate,
    'server.key': server.key,
    'host-keys.json': JSON.stringify(Object.fromEntries(keys)),
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(place, name), text, { mode: 0o600 });
  }
}
