import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createAuthority } from '../../agent/demo/certificates.ts';
import { DIST } from '../support/suite.ts';
import type { Machine } from './machine.ts';

const SETTINGS = {
  client_ca_file: '/etc/compliance-server/ca.pem',
  cert_file: '/etc/compliance-server/server.pem',
  key_file: '/etc/compliance-server/server.key',
  receipt_key_file: '/etc/compliance-server/receipt.key',
  operator_keys_file: '/etc/compliance-agent/operators.pem',
};

/** What an agent needs to know of the server that `installServer` puts beside it. */
export const AGENT_OF_SERVER = {
  mcp_url: 'https://127.0.0.1:8443',
  ca_file: '/etc/compliance-agent/ca.pem',
  client_cert_file: '/etc/compliance-agent/host.pem',
  client_key_file: '/etc/compliance-agent/host.key',
  receipt_keys_file: '/etc/compliance-agent/receipt.pem',
  order_keys_file: '/etc/compliance-agent/operators.pem',
};

/** Until it is ready, the agent is not started: it would have nothing to show to a server. */
export function holdAgent(machine: Machine): void {
  machine.write(
    '/etc/systemd/system/compliance-agent.service.d/hold.conf',
    '[Unit]\nConditionPathExists=/etc/compliance-agent/host.pem\n',
  );
}

/** An operator at a computer of their own: the key never comes into the machine. */
export type Operator = {
  /** Signs what `orders export` printed; gives the order. */
  sign(draft: string): Promise<string>;
  remove(): void;
};

/** Lays the real control server and all its keys and certificates into a machine; nothing is started. */
export async function installServer(machine: Machine): Promise<Operator> {
  const authority = await createAuthority({ name: 'Authority of the test' });
  const server = await authority.issueServer({ names: ['127.0.0.1'] });
  const host = await authority.issueClient({ commonName: 'clinic-1' });
  for (const program of ['server', 'agent'])
    machine.write(`/etc/compliance-${program}/ca.pem`, authority.certificate);
  machine.write(SETTINGS.cert_file, server.certificate);
  machine.write(SETTINGS.key_file, server.key, 0o600);
  machine.write('/etc/compliance-server/config.yaml', JSON.stringify(SETTINGS));
  machine.write(
    '/usr/lib/systemd/system/compliance-server.service',
    '[Service]\nStateDirectory=compliance-server\nExecStart=/usr/bin/compliance-server serve\n',
  );
  const receipts = `${SETTINGS.receipt_key_file} > ${AGENT_OF_SERVER.receipt_keys_file}`;
  await machine.must(`compliance-server keys generate ${receipts}`);
  machine.write(AGENT_OF_SERVER.client_key_file, host.key, 0o600);
  await machine.must(`chown compliance-agent ${AGENT_OF_SERVER.client_key_file}`);
  const operator = await createOperator(machine);
  machine.write(AGENT_OF_SERVER.client_cert_file, host.certificate);
  return operator;
}

/** Enrols the agent by the key that it made, and starts the server. */
export async function enrolAndServe(machine: Machine): Promise<void> {
  const enrolment = await machine.until('the agent made its key', async () => {
    const shown = await machine.runAs('compliance-agent', 'compliance-agent keys show --enrol');
    return shown.code === 0 ? shown.stdout : null;
  });
  machine.write('/var/tmp/host.json', enrolment);
  await machine.must(
    'mkdir -p /var/lib/compliance-server && compliance-server hosts enrol /var/tmp/host.json',
  );
  await machine.must('systemctl start compliance-server && systemctl restart compliance-agent');
}

async function createOperator(machine: Machine): Promise<Operator> {
  const folder = mkdtempSync(join(tmpdir(), 'compliance-operator-'));
  const key = join(folder, 'operator.key');
  const own = (args: string[], input = '') =>
    execa(process.execPath, [join(DIST, 'compliance-server.js'), ...args], { input });
  const { stdout } = await own(['keys', 'generate', key]);
  machine.write(SETTINGS.operator_keys_file, `${stdout}\n`);
  return {
    sign: async (draft) => (await own(['orders', 'sign', '--key', key], draft)).stdout,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
