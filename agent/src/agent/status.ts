import * as z from 'zod';
import { VERSION } from '../version.ts';
import { describeFailure } from '../wire/failure.ts';
import { Failure } from '../wire/failure-schema.ts';
import { Timestamp } from '../wire/primitives.ts';
import { type CheckState, Severity, Verdict } from '../wire/verdict.ts';
import type { Agent } from './agent.ts';
import { channelsOf } from './integrations/channels.ts';
import type { ServerState } from './uploader.ts';

const Count = z.number().int().min(0);

/** What `status` prints and the daemon answers. `daemon` is null where none runs. */
export const Status = z.strictObject({
  host_id: z.string(),
  site_id: z.string(),
  daemon: z
    .strictObject({
      version: z.string(),
      pid: Count,
      started_at: Timestamp,
      poll_interval: Count,
      counters: z.record(z.string(), Count).describe('since it started'),
      last_cycle: z
        .strictObject({
          started_at: Timestamp,
          duration_ms: Count,
          verdicts: z.record(z.string(), Verdict),
          controls: z.array(
            z.strictObject({
              check: z.string(),
              verdict: Verdict,
              severity: Severity.nullable(),
              open_findings: Count.describe('those that no exception covers'),
              message: z.string().nullable().describe('what the first of them says'),
            }),
          ),
        })
        .nullable(),
      evidence_failure: Failure.nullable().describe('why evidence cannot be written'),
      evidence_waiting: Count.describe('bundles that wait in memory for that'),
    })
    .nullable(),
  evidence: z
    .strictObject({ chain_id: z.string(), sequence: Count, digest: z.string() })
    .nullable()
    .describe('the end of the chain; null before the first bundle'),
  server: z.strictObject({
    url: z.string().nullable(),
    state: z.enum(['none', 'not asked yet', 'reachable', 'out of reach']),
    failure: Failure.nullable(),
    certificate: z.strictObject({ expires: Timestamp, days_left: z.number().int() }).nullable(),
  }),
  notices: z
    .record(z.string(), z.strictObject({ pending: Count, stalled: Count, delivered: Count }))
    .nullable()
    .describe('by channel that is configured; null where no daemon runs'),
  queue: z
    .strictObject({
      pending: Count,
      stalled: Count,
      uploaded: Count,
      oldest_age_ms: Count,
      bytes: Count,
    })
    .nullable()
    .describe('null where only the daemon could tell and it does not run'),
});
export type Status = z.infer<typeof Status>;

/** The running daemon as it sees itself. */
export function daemonStatus({
  agent,
  server,
  startedAt,
  now,
}: {
  agent: Agent;
  server: ServerState | null;
  startedAt: Date;
  now: Date;
}): Status {
  const { settings } = agent.config();
  const { pending, stalled, uploaded, oldestAgeMs, bytes } = agent.store.queue.metrics(now);
  const last = agent.lastCycle();
  const head = agent.store.head();
  return {
    host_id: settings.host_id,
    site_id: settings.site_id,
    daemon: {
      version: VERSION,
      pid: process.pid,
      started_at: startedAt.toISOString(),
      poll_interval: settings.poll_interval,
      counters: { ...agent.counters },
      last_cycle: last && {
        started_at: last.startedAt.toISOString(),
        duration_ms: last.durationMs,
        verdicts: Object.fromEntries(last.states.map(({ check, verdict }) => [check, verdict])),
        controls: last.states.map(controlOf),
      },
      evidence_failure: agent.recorder.failure(),
      evidence_waiting: agent.recorder.waiting(),
    },
    evidence: head && {
      chain_id: head.chain_id,
      sequence: head.sequence,
      digest: head.digest,
    },
    server:
      server === null || settings.mcp_url === undefined
        ? { url: null, state: 'none', failure: null, certificate: null }
        : { url: settings.mcp_url, ...server },
    notices: Object.fromEntries(
      channelsOf(settings).map((channel) => [channel, { ...agent.store.outbox.metrics(channel) }]),
    ),
    queue: { pending, stalled, uploaded, oldest_age_ms: oldestAgeMs, bytes },
  };
}

function controlOf({ check, verdict, severity, findings, error }: CheckState) {
  const open = findings.filter(({ exception }) => exception === null);
  const message = error === null ? open[0]?.message : `could not look: ${describeFailure(error)}`;
  return { check, verdict, severity, open_findings: open.length, message: message ?? null };
}
