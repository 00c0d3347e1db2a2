import { type ChildProcess, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type Client, createClient } from '../src/effects/upload/client.ts';
import { type AgentPaths, buildAgentSide, writeJson } from './agent-side.ts';
import { createAuthority, type Issued } from './certificates.ts';
import type { Clinic } from './clinic.ts';
import { freePort } from './free-port.ts';
import { until } from './namespace.ts';
import { AGENT_PROGRAM, SERVER_PROGRAM } from './programs.ts';
import { type Stage, stop } from './stage.ts';

const HOST_ID = 'clinic-frontdesk';

/** The control server, the sockets of the probes, and the agent, each a process of the shipped programs. */
export type Stack = {
  readonly url: string;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  startAgent(): void;
  startSockets(): Promise<void>;
  /** Lets disruptive remedies run outside the maintenance window, by settings that the agent reads again. */
  allowAtAnyTime(): void;
  /** Signs a draft with the operator’s private key, which neither server nor host is ever given. */
  sign(draft: string): { code: number; output: string };
  /** A command of the agent, run to its end; gives exit code and standard output. */
  agent(...args: string[]): { code: number; output: string };
  server(...args: string[]): { code: number; output: string };
};

/** Makes authority, certificates and keys, writes both programs’ settings and the baseline, and enrols the host. */
export async function buildStack(
  stage: Stage,
  paths: AgentPaths,
  clinic: Clinic,
  { pollInterval = 1 }: { pollInterval?: number } = {},
): Promise<Stack> {
  const authority = await createAuthority({ name: 'Demo authority' });
  const ca = stage.path('tls', 'ca.pem');
  writeFileSync(ca, authority.certificate);
  const tls = (name: string, issued: Issued) => {
    const [cert, key] = [stage.path('tls', `${name}.pem`), stage.path('tls', `${name}.key`)];
    writeFileSync(cert, issued.certificate);
    writeFileSync(key, issued.key, { mode: 0o600 });
    return { cert, key };
  };
  const serverTls = tls('server', await authority.issueServer({ names: ['127.0.0.1'] }));
  const hostTls = tls('host', await authority.issueClient({ commonName: HOST_ID }));
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;

  const run = (program: string, args: readonly string[]) => {
    try {
      const output = execFileSync(process.execPath, [program, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return { code: 0, output };
    } catch (error) {
      const { status, stdout, stderr } = error as {
        status: number | null;
        stdout: string;
        stderr: string;
      };
      return { code: status ?? -1, output: `${stdout}${stderr}` };
    }
  };
  const must = (program: string, ...args: string[]) => {
    const { code, output } = run(program, args);
    if (code !== 0) throw new Error(`${args.join(' ')}: ${output}`);
    return output;
  };

  const receiptKey = stage.path('server', 'receipt.key');
  const operatorKey = stage.path('operator', 'operator.key');
  const operatorPublic = stage.path('operator', 'operator.pem');
  const receiptPublic = stage.path('server', 'receipt.pem');
  must(AGENT_PROGRAM, 'keys', 'generate', receiptKey);
  must(AGENT_PROGRAM, 'keys', 'generate', operatorKey);
  writeFileSync(operatorPublic, must(AGENT_PROGRAM, 'keys', 'show', operatorKey));
  writeFileSync(receiptPublic, must(AGENT_PROGRAM, 'keys', 'show', receiptKey));

  const serverConfig = stage.path('server', 'config.json');
  writeJson(serverConfig, {
    listen_port: port,
    client_ca_file: ca,
    cert_file: serverTls.cert,
    key_file: serverTls.key,
    database_path: stage.path('server', 'server.db'),
    receipt_key_file: receiptKey,
    operator_keys_file: operatorPublic,
  });
  const agentSide = buildAgentSide(stage, {
    ...{ paths, clinic },
    identity: { hostId: HOST_ID, siteId: 'demo-clinic', resellerId: null },
    connection: { url, ca, ...hostTls, receiptKeys: receiptPublic, orderKeys: operatorPublic },
    settings: { poll_interval: pollInterval, maintenance_window: windowFarFrom(new Date()) },
  });
  const enrolment = stage.path('server', 'host.json');
  writeFileSync(enrolment, agentSide.enrolment);
  must(SERVER_PROGRAM, 'hosts', 'enrol', enrolment, '--config', serverConfig);

  let server: ChildProcess | undefined;
  const client: Client = await createClient({
    url,
    caFile: ca,
    certFile: hostTls.cert,
    keyFile: hostTls.key,
  });
  stage.atEnd(() => client.close());

  return {
    url,
    async startServer() {
      server = stage.start('server', process.execPath, [
        SERVER_PROGRAM,
        'serve',
        '--config',
        serverConfig,
      ]);
      await until(
        () =>
          client.health().then(
            () => true,
            () => false,
          ),
        'server',
      );
    },
    async stopServer() {
      if (server !== undefined) await stop(server);
    },
    startAgent: agentSide.startAgent,
    startSockets: agentSide.startSockets,
    allowAtAnyTime: () => agentSide.change({ allow_disruptive_outside_window: true }),
    sign: (draft) => run(SERVER_PROGRAM, ['orders', 'sign', '--key', operatorKey, draft]),
    agent: (...args) => run(AGENT_PROGRAM, args),
    server: (...args) => run(SERVER_PROGRAM, [...args, '--config', serverConfig]),
  };
}

/** A maintenance window of an hour that opens in twelve. */
function windowFarFrom(now: Date): string {
  const hour = (shift: number) => String((now.getUTCHours() + shift) % 24).padStart(2, '0');
  return `${hour(12)}:00-${hour(13)}:00`;
}
