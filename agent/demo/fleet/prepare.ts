import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJson } from '../agent-side.ts';
import { type Authority, createAuthority, type Issued } from '../certificates.ts';
import { simulateFleet } from '../drift/agent.ts';
import { DAY } from '../drift/plan.ts';
import { nginxConfig } from '../nginx.ts';
import { SERVER_PROGRAM } from '../programs.ts';
import type { Scenario, Step } from './scenario.ts';

export type Prepared = {
  /** `compliance-server --config`, one for each process. */
  readonly configs: readonly string[];
  readonly nginxConfig: string;
  /** Of every host: HOST.pem, HOST.key and the keys that it trusts. */
  readonly identities: string;
  readonly operatorKey: string;
};

/** The simulated agents that a step of the scenario sends the evidence of. */
export const fleetOf = ({ seed, hosts, days }: Extract<Step, { do: 'drift' }>, now: Date) =>
  simulateFleet({ seed, hosts, days, from: (Math.floor(now.getTime() / DAY) - days) * DAY });

/**
 * Writes all that the stack is set up with: one authority with a certificate for NGINX, each host and each reader, the
 * keys of receipts and of an operator, and the settings of two servers behind one NGINX on one database.
 */
export async function prepare(
  scenario: Scenario,
  {
    folder,
    names,
    address,
    port,
    sockets,
    postgresql,
  }: {
    folder: string;
    /** What NGINX is called by those who connect. */
    names: readonly string[];
    address: string;
    port: number;
    /** Each server’s. */
    sockets: readonly string[];
    postgresql: object;
  },
): Promise<Prepared> {
  const identities = join(folder, 'identities');
  for (const place of [identities, join(folder, 'server'), join(folder, 'nginx')]) {
    mkdirSync(place, { recursive: true });
  }
  const authority = await createAuthority({ name: 'Demo authority' });
  const ca = join(identities, 'ca.pem');
  writeFileSync(ca, authority.certificate);
  await writeIdentities(scenario, { identities, authority });
  const tls = write(join(folder, 'nginx'), 'server', await authority.issueServer({ names }));

  const keyPair = (file: string, publicFile: string) =>
    writeFileSync(
      publicFile,
      execFileSync(process.execPath, [SERVER_PROGRAM, 'keys', 'generate', file], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  const [receiptKey, operatorKey] = [
    join(folder, 'server/receipt.key'),
    join(folder, 'operator.key'),
  ];
  const operators = join(identities, 'operators.pem');
  keyPair(receiptKey, join(identities, 'receipt.pem'));
  keyPair(operatorKey, operators);

  const configs = sockets.map((socket, index) => {
    const config = join(folder, 'server', `server-${index + 1}.json`);
    writeJson(config, {
      proxy_socket: socket,
      receipt_key_file: receiptKey,
      operator_keys_file: operators,
      postgresql,
    });
    return config;
  });
  const nginx = join(folder, 'nginx', 'nginx.conf');
  const own = join(folder, 'nginx');
  writeFileSync(nginx, nginxConfig({ folder: own, address, port, sockets, tls: { ca, ...tls } }));
  return { configs, nginxConfig: nginx, identities, operatorKey };
}

async function writeIdentities(
  { hosts, readers, steps }: Scenario,
  { identities, authority }: { identities: string; authority: Authority },
): Promise<void> {
  const simulated = steps.flatMap((step) =>
    step.do === 'drift' ? fleetOf(step, new Date()).map(({ hostId }) => hostId) : [],
  );
  for (const commonName of [...[...hosts, ...readers].map(({ name }) => name), ...simulated]) {
    write(identities, commonName, await authority.issueClient({ commonName }));
  }
}

function write(
  folder: string,
  name: string,
  { certificate, key }: Issued,
): { cert: string; key: string } {
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  writeFileSync(files.cert, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}
