import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '../../src/effects/upload/client.ts';
import { enrolmentOf, sendAll } from '../drift/send.ts';
import { SERVER_PROGRAM } from '../programs.ts';
import { type Host, hostAt } from './field.ts';
import type { Field } from './look.ts';
import { fleetOf, type Prepared } from './prepare.ts';
import type { Form, Scenario } from './scenario.ts';
import { openViewer, type Viewer } from './viewer.ts';

/** What an administrator does once with a stack that runs: hosts are enrolled, readers added and signed in. */
export async function enterStack(
  scenario: Scenario,
  {
    form,
    url,
    prepared: { configs, identities, operatorKey },
    addresses,
    folder,
    now,
  }: {
    form: Form;
    url: string;
    prepared: Prepared;
    addresses: ReadonlyMap<string, string>;
    /** For the operator’s own papers. */
    folder: string;
    now: Date;
  },
): Promise<Field & { token(reader: string): string }> {
  const [config = ''] = configs;
  const run = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SERVER_PROGRAM, ...args], {
      ...{ encoding: 'utf8', input },
    });
    return { code: status ?? -1, output: status === 0 ? stdout : stdout + stderr };
  };
  const server: Field['server'] = (args, input) => run([...args, '--config', config], input);
  const must = (args: readonly string[], input?: string): string => {
    const { code, output } = server(args, input);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`);
    return output.trim();
  };
  const token = (reader: string) => must(['readers', 'token', reader]);
  const caFile = join(identities, 'ca.pem');
  const filesOf = (name: string) => ({
    certFile: join(identities, `${name}.pem`),
    keyFile: join(identities, `${name}.key`),
  });

  const hosts = new Map<string, Host>();
  for (const [name, address] of addresses) {
    const host = hostAt(name, address);
    must(['hosts', 'enrol', '-'], await host.enrolment());
    await host.start();
    hosts.set(name, host);
  }
  const viewers = new Map<string, Viewer>();
  for (const { name, role, site } of scenario.readers) {
    const certificate = role === 'operator' ? filesOf(name) : undefined;
    const scope = site === null ? [] : ['--site', site];
    const by = certificate === undefined ? [] : ['--certificate', certificate.certFile];
    must(['readers', 'add', name, '--role', role, ...scope, ...by]);
    const identity = certificate === undefined ? { token: token(name) } : { certificate };
    viewers.set(name, await openViewer({ url, caFile, ...identity }));
  }

  return {
    ...{ form, hosts, viewers, server, token },
    sign(draft) {
      const file = join(folder, 'order.draft.json');
      writeFileSync(file, draft);
      const { code, output } = run(['orders', 'sign', '--key', operatorKey, file]);
      if (code !== 0) throw new Error(`orders sign: ${output}`);
      return output;
    },
    async send(step) {
      const fleet = fleetOf(step, now);
      for (const agent of fleet) must(['hosts', 'enrol', '-'], enrolmentOf(agent));
      return sendAll(fleet, ({ hostId }) => createClient({ url, caFile, ...filesOf(hostId) }));
    },
  };
}
