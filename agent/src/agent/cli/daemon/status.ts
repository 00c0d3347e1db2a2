import { askControl } from '../../../effects/control/ask.ts';
import { hasStore, openReader } from '../../../effects/store/store.ts';
import { EXIT } from '../../../terminal/exit.ts';
import { describeFailure, FailureError } from '../../../wire/failure.ts';
import { type Config, loadConfig } from '../../config.ts';
import { controlSocket } from '../../control/socket-path.ts';
import { Status } from '../../status.ts';
import type { ConfigOption } from '../options.ts';

/** Asks the daemon; where none runs, says so with what the state folder itself tells. Exit 3, as `systemctl status`. */
export async function status({
  config: file,
  json = false,
}: ConfigOption & { json?: boolean }): Promise<void> {
  const config = await loadConfig({ file, env: process.env, now: new Date() });
  const found = (await askDaemon(config)) ?? stopped(config);
  console.log(json ? JSON.stringify(found, null, 2) : describe(found).join('\n'));
  process.exitCode = found.daemon === null ? EXIT.stopped : EXIT.ok;
}

/** Null where no daemon listens. */
async function askDaemon({ settings }: Config): Promise<Status | null> {
  const path = controlSocket(settings.state_dir);
  try {
    return Status.parse(await askControl({ path, request: { verb: 'status' } }));
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'unreachable') return null;
    throw error;
  }
}

function stopped({ settings }: Config): Status {
  return {
    host_id: settings.host_id,
    site_id: settings.site_id,
    daemon: null,
    evidence: hasStore(settings.state_dir) ? headOf(settings.state_dir) : null,
    server: {
      url: settings.mcp_url ?? null,
      state: settings.mcp_url === undefined ? 'none' : 'not asked yet',
      failure: null,
      certificate: null,
    },
    notices: null,
    queue: null,
  };
}

function headOf(stateDir: string): Status['evidence'] {
  const reader = openReader({ stateDir });
  const head = reader.head();
  reader.close();
  return head && { chain_id: head.chain_id, sequence: head.sequence, digest: head.digest };
}

function describe({ host_id, site_id, daemon, evidence, server, queue }: Status): string[] {
  return [
    `host       ${host_id} (site ${site_id})`,
    ...describeDaemon(daemon),
    evidence === null
      ? 'evidence   none yet'
      : `evidence   ${evidence.sequence} bundles in chain ${evidence.chain_id}, last ${evidence.digest.slice(0, 16)}…`,
    `server     ${server.url ?? 'none'}${server.url === null ? '' : `: ${server.state}`}${
      server.failure === null ? '' : `, ${describeFailure(server.failure)}`
    }`,
    ...(server.certificate === null
      ? []
      : [`           client certificate ends in ${server.certificate.days_left} days`]),
    ...(queue === null
      ? []
      : [
          `queue      ${queue.pending} pending, ${queue.stalled} stalled, ${queue.uploaded} uploaded`,
        ]),
  ];
}

function describeDaemon(daemon: Status['daemon']): string[] {
  if (daemon === null) return ['daemon     not running'];
  const { last_cycle: last, counters, evidence_failure: failure } = daemon;
  const verdicts = Object.entries(last?.verdicts ?? {}).map(([id, verdict]) => `${id} ${verdict}`);
  return [
    `daemon     running since ${daemon.started_at} (pid ${daemon.pid}, version ${daemon.version})`,
    last === null
      ? 'cycle      none yet'
      : `cycle      ${last.started_at}, ${last.duration_ms} ms: ${verdicts.join(', ') || 'no check'}`,
    `counters   ${Object.entries(counters)
      .map(([name, count]) => `${name.replaceAll('_', ' ')} ${count}`)
      .join(', ')}`,
    ...(failure === null
      ? []
      : [
          `WARNING    evidence cannot be written: ${describeFailure(failure)}; ${daemon.evidence_waiting} bundles wait in memory, no remedy starts`,
        ]),
  ];
}
