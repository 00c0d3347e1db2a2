import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clinic } from './clinic.ts';
import { until } from './namespace.ts';
import { AGENT_PROGRAM, unitEnvironment } from './programs.ts';
import { type Stage, stop } from './stage.ts';

/** The listener makes its sockets one after the other. */
const LAST_SOCKET = 'remedy/update_to_baseline_generation.sock';

export type AgentPaths = {
  readonly config: string;
  readonly baseline: string;
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly publicKey: string;
};

/** Where the agent finds its server, its certificate and the keys that it trusts; all files. */
export type Connection = {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly receiptKeys: string;
  readonly orderKeys: string;
};

export type Identity = {
  readonly hostId: string;
  readonly siteId: string;
  readonly resellerId: string | null;
};

/** The shipped agent on a simulated host, and the sockets of its probes and remedies, each a process. */
export type AgentSide = {
  /** What `compliance-server hosts enrol` takes. */
  readonly enrolment: string;
  startSockets(): Promise<void>;
  startAgent(): void;
  stopAgent(): Promise<void>;
  /** Lays settings over those of the file, which the running agent then reads again. */
  change(settings: object): void;
};

export function agentPaths(stage: Stage): AgentPaths {
  return {
    config: stage.path('agent', 'config.yaml'),
    baseline: stage.path('agent', 'baseline.yaml'),
    stateDir: stage.path('agent', 'state'),
    runtimeDir: stage.path('agent', 'run'),
    publicKey: stage.path('agent', 'host.pem'),
  };
}

/** Makes the signing key, and writes settings and the baseline of the clinic’s controls. */
export function buildAgentSide(
  stage: Stage,
  {
    paths,
    clinic,
    identity,
    connection,
    settings: own,
  }: {
    paths: AgentPaths;
    clinic: Clinic;
    identity: Identity;
    connection: Connection;
    /** Beyond those that every demo has. */
    settings: object;
  },
): AgentSide {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [AGENT_PROGRAM, ...args], { encoding: 'utf8' });
  const signingKey = stage.path('agent', 'signing.key');
  run('keys', 'generate', signingKey);
  writeFileSync(paths.publicKey, run('keys', 'show', signingKey));
  let settings = {
    host_id: identity.hostId,
    site_id: identity.siteId,
    ...(identity.resellerId === null
      ? {}
      : { reseller_id: identity.resellerId, deployment_mode: 'reseller' }),
    mcp_url: connection.url,
    ca_file: connection.ca,
    client_cert_file: connection.cert,
    client_key_file: connection.key,
    signing_key_file: signingKey,
    receipt_keys_file: connection.receiptKeys,
    baseline_path: paths.baseline,
    state_dir: paths.stateDir,
    runtime_dir: paths.runtimeDir,
    root_state_dir: `${clinic.root}/var/lib/compliance-agent-root`,
    attestation_interval: 3600,
    order_keys_file: connection.orderKeys,
    orders_allow: ['update_to_baseline_generation'],
    ntp_max_skew_ms: 3_600_000,
    rebuild_health_check_timeout: 10,
    ...own,
  };
  writeJson(paths.config, settings);
  writeJson(paths.baseline, {
    version: 1,
    source: 'demo',
    checks: Object.fromEntries(clinic.controls.map(({ id, section }) => [id, section])),
  });
  const about = ['--config', paths.config, '--root', clinic.root];
  let agent: ChildProcess | undefined;

  return {
    enrolment: run('keys', 'show', '--enrol', '--config', paths.config),
    async startSockets() {
      const args = ['sockets', 'serve', '--runtime-dir', paths.runtimeDir, ...about];
      args.push(...within(clinic));
      stage.start('sockets', process.execPath, [AGENT_PROGRAM, ...args]);
      await until(() => existsSync(join(paths.runtimeDir, LAST_SOCKET)), 'sockets');
    },
    startAgent() {
      const env = { ...process.env, ...unitEnvironment() };
      agent = stage.start('agent', process.execPath, [AGENT_PROGRAM, 'run', ...about], { env });
    },
    async stopAgent() {
      if (agent !== undefined) await stop(agent);
    },
    change(changes) {
      settings = { ...settings, ...changes };
      writeJson(paths.config, settings);
      agent?.kill('SIGHUP');
    },
  };
}

/** Which sockets’ programs run in the demo’s namespaces. */
function within({ namespaces }: Clinic): string[] {
  if (namespaces === null) return [];
  const enter = namespaces.enter.join(' ');
  const inside = [
    'probe/firewall',
    'probe/logging',
    'remedy/restore_firewall_baseline',
    'remedy/restart_logging_services',
  ];
  return [
    ...inside.flatMap((socket) => ['--within', `${socket}=${enter}`]),
    ...['--within', 'probe/firewall-reference=unshare --net --'],
  ];
}

export const writeJson = (file: string, value: unknown) =>
  writeFileSync(file, JSON.stringify(value, null, 2));
