import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { nextCycleDelay } from '../core/schedule.ts';
import { overall } from '../core/verdicts.ts';
import { listenControl } from '../effects/control/listen.ts';
import { createLog, type Log } from '../effects/log.ts';
import { notifySystemd, watchdogInterval } from '../effects/notify.ts';
import type { Client } from '../effects/upload/client.ts';
import { VERSION } from '../version.ts';
import { toFailure } from '../wire/failure.ts';
import { type Agent, openAgent } from './agent.ts';
import { loadConfig } from './config.ts';
import { daemonVerbs } from './control/daemon-verbs.ts';
import { controlSocket } from './control/socket-path.ts';
import { answerRequest } from './control/verbs.ts';
import { exchangeOrders } from './healing/orders.ts';
import { type Integrations, startIntegrations } from './integrations/start.ts';
import { type Loop, startLoop } from './loop.ts';
import { createProver } from './prover.ts';
import { pruneNightly } from './prune.ts';
import { reloadConfig } from './reload.ts';
import { createShipping } from './shipping.ts';
import { untilStopped } from './signals.ts';
import { daemonStatus } from './status.ts';
import { statusLine } from './status-line.ts';

/** Milliseconds that a stop waits for what is under way: well within the ten seconds that it may take. */
const STOP_PATIENCE_MS = 7000;

/** Runs until SIGTERM or SIGINT; resolves once the stop is recorded and everything closed. */
export async function runDaemon({
  file,
  root,
}: {
  file: string | undefined;
  root: string;
}): Promise<void> {
  const load = () => loadConfig({ file, env: process.env, now: new Date() });
  const config = await load();
  const log = await createLog(config.settings.log_level);
  for (const warning of config.warnings) log.warn(warning);

  const startedAt = new Date();
  const stopping = new AbortController();
  let uploads: Loop | null = null;
  const wakeUploader = () => uploads?.wake();
  let cycles: Loop | null = null;
  let integrations: Integrations | null = null;
  const agent = openAgent({
    config,
    root,
    log,
    onRecorded: (draft) => {
      wakeUploader();
      integrations?.recorded(draft);
    },
    onRemedyEnded: () => cycles?.wake(),
  });
  const whileConnected = async (client: Client, signal: AbortSignal) => {
    const { journal } = agent;
    const news = await exchangeOrders(client, {
      journal,
      newId: randomUUID,
      now: new Date(),
      signal,
    });
    if (news) cycles?.wake();
    await prove(client, { signal, nowMs: Date.now() });
  };
  const prove = createProver({ agent, log });
  const uploader =
    config.settings.mcp_url === undefined ? null : createShipping({ agent, log, whileConnected });
  const server = () => uploader?.state() ?? null;
  integrations = await startIntegrations({ agent, log, server, startedAt });
  await recordStart(agent, log);

  const reload = async () => {
    await reloadConfig({ agent, load, log });
    cycles?.wake();
  };
  const status = () => daemonStatus({ agent, server: server(), startedAt, now: new Date() });
  const verbs = daemonVerbs({ agent, status, reload, wakeUploader });
  const control = await listenControl({
    path: controlSocket(config.settings.state_dir),
    answer: (line) => answerRequest(verbs, line),
  });
  const stopped = untilStopped(() => void reload().catch(() => {})); // what is refused has been logged
  const tell = createTeller();
  cycles = startLoop(async () => {
    const { durationMs, delay } = await cycleTurn(agent, log);
    if (durationMs !== null) integrations?.cycle(durationMs);
    tell(statusLine(status()));
    return delay;
  });
  if (uploader !== null) uploads = startLoop(() => uploader.turn(stopping.signal));
  const retention = await pruneNightly({ agent, log });
  const watchdog = startWatchdog();
  await notifySystemd(['READY=1']);

  const reason = await stopped;
  log.info({ reason }, 'stopping');
  clearInterval(watchdog);
  retention.stop();
  stopping.abort();
  const ended = Promise.all([
    notifySystemd(['STOPPING=1']),
    control.close(),
    cycles.stop(),
    uploads?.stop(),
    integrations.stop(),
  ]);
  await Promise.race([ended, pause(STOP_PATIENCE_MS)]);
  await agent.record('stop', { reason });
  await uploader?.close();
  agent.close();
  log.info({ reason }, 'stopped');
}

async function recordStart(agent: Agent, log: Log): Promise<void> {
  const { adopted, setApart, missing } = agent.store.reconciliation;
  const found = { adopted: adopted.length, set_apart: setApart.length, missing: missing.length };
  const previous =
    agent.lastEvent === null ? 'none' : agent.lastEvent === 'stop' ? 'stopped' : 'cut off';
  if (setApart.length + missing.length > 0) log.error(found, 'evidence is not as it was left');
  log.info({ version: VERSION, previous_run: previous }, 'started');
  await agent.record('start', { previous_run: previous, ...found });
}

/** A cycle whose failure nobody foresaw is a defect; it is said, and the next one still comes. */
async function cycleTurn(
  agent: Agent,
  log: Log,
): Promise<{ durationMs: number | null; delay: number }> {
  let took: number | null = null;
  try {
    const { states, durationMs } = await agent.cycle();
    const verdict = overall(states);
    log.info({ verdict, duration_ms: durationMs }, 'cycle');
    took = durationMs;
  } catch (error) {
    log.error({ failure: toFailure(error, 'cycle'), err: error }, 'cycle failed');
  }
  const { poll_interval: pollInterval } = agent.config().settings;
  const delay = nextCycleDelay({ pollInterval, took: took ?? 0, random: Math.random() });
  return { durationMs: took, delay };
}

/** Tells systemd the status line where it is another than the last: telling is the start of a program. */
function createTeller(): (line: string) => void {
  let told: string | undefined;
  return (line) => {
    if (line === told) return;
    told = line;
    void notifySystemd([`STATUS=${line}`]);
  };
}

/** While the event loop turns, systemd hears of it. */
function startWatchdog(): NodeJS.Timeout | undefined {
  const interval = watchdogInterval(process.env);
  if (interval === null) return undefined;
  return setInterval(() => void notifySystemd(['WATCHDOG=1']), interval);
}
