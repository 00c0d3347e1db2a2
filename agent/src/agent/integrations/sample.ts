import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { VERSION } from '../../version.ts';
import type { NoticeChannel } from '../../wire/notice.ts';
import type { Agent } from '../agent.ts';
import type { ServerState } from '../uploader.ts';
import type { Sample } from './metrics.ts';

/** What the metrics say now. Files that cannot be read are not known; the checks and the uploader say why. */
export function takeSample({
  agent,
  channels,
  server,
  startedAt,
  now,
}: {
  agent: Agent;
  channels: readonly NoticeChannel[];
  server: ServerState | null;
  startedAt: Date;
  now: Date;
}): Sample {
  const { settings } = agent.config();
  const last = agent.lastCycle();
  const { outbox, queue } = agent.store;
  return {
    now: now.getTime(),
    version: VERSION,
    hostId: settings.host_id,
    siteId: settings.site_id,
    startedAt: startedAt.getTime(),
    pollInterval: settings.poll_interval,
    counters: agent.counters,
    lastCycle: last && { startedAt: last.startedAt.getTime(), states: last.states },
    queue: queue.metrics(now),
    outbox: Object.fromEntries(channels.map((channel) => [channel, outbox.metrics(channel)])),
    head: agent.store.head(),
    evidenceWritable: agent.recorder.failure() === null,
    evidenceWaiting: agent.recorder.waiting(),
    serverUp: server === null ? null : server.state === 'reachable',
    certificate: validity(settings.client_cert_file),
    keyMadeAt: changedAt(settings.signing_key_file),
    clockOffsetMs: last?.clockOffsetMs ?? null,
    clockLimitMs: settings.ntp_max_skew_ms,
  };
}

function validity(file: string | undefined): Sample['certificate'] {
  if (file === undefined) return null;
  try {
    const { validFrom, validTo } = new X509Certificate(readFileSync(file));
    return { from: Date.parse(validFrom), until: Date.parse(validTo) };
  } catch {
    return null;
  }
}

function changedAt(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
