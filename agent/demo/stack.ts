import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Client, createClient } from '../src/effects/upload/client.ts';
import { createAuthority, type Issued } from './certificates.ts';
import type { Clinic } from './clinic.ts';
import { until } from './namespace.ts';
import { AGENT_PROGRAM, SERVER_PROGRAM } from './programs.ts';
import { type Stage, stop } from './stage.ts';

const HOST_ID = 'clinic-frontdesk';
/** The listener makes its sockets one after the other. */
const LAST_SOCKET = 'remedy/update_to_baseline_generation.sock';

/** The control server, the sockets of the probes, and the agent, each a process of the shipped programs. */
export type Stack = {
  readonly url: string;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  startAgent(): Promise<void>;
  stopAgent(): Promise<void>;
  startSockets(clinic: Clinic): Promise<void>;
  /** Lets disruptive remedies run outside the maintenance window, by settings that the agent reads again. */
  allowAtAnyTime(): void;
  /** Signs a draft with the operator’s private key, which neither server nor host is ever given. */
  sign(draft: string): { code: number; output: string };
  /** A command of the agent, run to its end; gives exit code and standard output. */
  agent(...args: string[]): { code: number; output: string };
  server(...args: string[]): { code: number; output: string };
};

export type StackPaths = {
  readonly config: string;
  readonly baseline: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly publicKey: string;
};

export function stackPaths(stage: Stage): StackPaths {
  return {
    config: stage.path('agent', 'config.yaml'),
    baseline: stage.path('agent', 'baseline.yaml'),
    stateDir: stage.path('agent', 'state'),
    runtimeDir: stage.path('agent', 'run'),
    publicKey: stage.path('agent', 'host.pem'),
  };
}

/** Makes authority, certificates and keys, writes both programs’ settings and the baseline, and enrols the host. */
export async function buildStack(stage: Stage, paths: StackPaths, clinic: Clinic): Promise<Stack> {
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
  const signingKey = stage.path('agent', 'signing.key');
  must(AGENT_PROGRAM, 'keys', 'generate', receiptKey);
  must(AGENT_PROGRAM, 'keys', 'generate', signingKey);
  must(AGENT_PROGRAM, 'keys', 'generate', operatorKey);
  writeFileSync(operatorPublic, must(AGENT_PROGRAM, 'keys', 'show', operatorKey));
  writeFileSync(receiptPublic, must(AGENT_PROGRAM, 'keys', 'show', receiptKey));
  writeFileSync(paths.publicKey, must(AGENT_PROGRAM, 'keys', 'show', signingKey));

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
  const settings = {
    host_id: HOST_ID,
    site_id: 'demo-clinic',
    mcp_url: url,
    ca_file: ca,
    client_cert_file: hostTls.cert,
    client_key_file: hostTls.key,
    signing_key_file: signingKey,
    receipt_keys_file: receiptPublic,
    baseline_path: paths.baseline,
    state_dir: paths.stateDir,
    runtime_dir: paths.runtimeDir,
    root_state_dir: `${clinic.root}/var/lib/compliance-agent-root`,
    poll_interval: 1,
    attestation_interval: 3600,
    order_keys_file: operatorPublic,
    orders_allow: ['update_to_baseline_generation'],
    maintenance_window: windowFarFrom(new Date()),
    ntp_max_skew_ms: 3_600_000,
    rebuild_health_check_timeout: 10,
  };
  writeJson(paths.config, settings);
  writeJson(paths.baseline, {
    version: 1,
    source: 'demo',
    checks: Object.fromEntries(clinic.controls.map(({ id, section }) => [id, section])),
  });
  const enrolment = stage.path('server', 'host.json');
  writeFileSync(
    enrolment,
    must(AGENT_PROGRAM, 'keys', 'show', '--enrol', '--config', paths.config),
  );
  must(SERVER_PROGRAM, 'hosts', 'enrol', enrolment, '--config', serverConfig);

  const processes: { server?: ChildProcess; agent?: ChildProcess } = {};
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
      processes.server = stage.start('server', process.execPath, [
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
      if (processes.server !== undefined) await stop(processes.server);
    },
    async startAgent() {
      const args = [AGENT_PROGRAM, 'run', '--root', clinic.root, '--config', paths.config];
      processes.agent = stage.start('agent', process.execPath, args);
    },
    async stopAgent() {
      if (processes.agent !== undefined) await stop(processes.agent);
    },
    async startSockets({ namespaces }) {
      const args = [
        AGENT_PROGRAM,
        'sockets',
        'serve',
        '--runtime-dir',
        paths.runtimeDir,
        '--config',
        paths.config,
        '--root',
        clinic.root,
      ];
      if (namespaces !== null) {
        const enter = namespaces.enter.join(' ');
        const inside = [
          'probe/firewall',
          'probe/logging',
          'remedy/restore_firewall_baseline',
          'remedy/restart_logging_services',
        ];
        for (const socket of inside) args.push('--within', `${socket}=${enter}`);
        args.push('--within', 'probe/firewall-reference=unshare --net --');
      }
      stage.start('sockets', process.execPath, args);
      await until(() => existsSync(join(paths.runtimeDir, LAST_SOCKET)), 'sockets');
    },
    allowAtAnyTime() {
      writeJson(paths.config, { ...settings, allow_disruptive_outside_window: true });
      processes.agent?.kill('SIGHUP');
    },
    sign: (draft) => run(SERVER_PROGRAM, ['orders', 'sign', '--key', operatorKey, draft]),
    agent: (...args) => run(AGENT_PROGRAM, args),
    server: (...args) => run(SERVER_PROGRAM, [...args, '--config', serverConfig]),
  };
}

const writeJson = (file: string, value: unknown) =>
  writeFileSync(file, JSON.stringify(value, null, 2));

/** A maintenance window of an hour that opens in twelve. */
function windowFarFrom(now: Date): string {
  const hour = (shift: number) => String((now.getUTCHours() + shift) % 24).padStart(2, '0');
  return `${hour(12)}:00-${hour(13)}:00`;
}

/** A port that was free a moment ago; the server then keeps it over its own restarts. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      );
    });
  });
}
