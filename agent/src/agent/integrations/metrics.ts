import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { QueueMetrics } from '../../effects/queue/metrics.ts';
import type { OutboxMetrics } from '../../effects/store/outbox.ts';
import type { Draft } from '../../wire/evidence.ts';
import { type CheckState, Severity, Verdict } from '../../wire/verdict.ts';
import type { Counters } from '../counters.ts';

/** What is true at the time of a scrape. Times are milliseconds since the epoch; null is what nobody knows. */
export type Sample = {
  readonly now: number;
  readonly version: string;
  readonly hostId: string;
  readonly siteId: string;
  readonly startedAt: number;
  readonly pollInterval: number;
  readonly counters: Counters;
  readonly lastCycle: { readonly startedAt: number; readonly states: readonly CheckState[] } | null;
  readonly queue: QueueMetrics;
  readonly outbox: Readonly<Record<string, OutboxMetrics>>;
  readonly head: { readonly chain_id: string; readonly sequence: number } | null;
  readonly evidenceWritable: boolean;
  readonly evidenceWaiting: number;
  readonly serverUp: boolean | null;
  readonly certificate: { readonly from: number; readonly until: number } | null;
  readonly keyMadeAt: number | null;
  readonly clockOffsetMs: number | null;
  readonly clockLimitMs: number;
};

export type Metrics = {
  /** The exposition format’s content type. */
  readonly contentType: string;
  text(): Promise<string>;
  cycle(durationMs: number): void;
  recorded(draft: Pick<Draft, 'outcome' | 'runbook_id'>): void;
};

const PREFIX = 'compliance_agent_';
/** Seconds: a cycle that only reads takes some hundredths, one that waits for a remedy some seconds. */
const CYCLE_BUCKETS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** The metrics of the daemon (README “Metrics”). Loads prom-client, so it is imported only where somebody is to be told. */
export function createMetrics(read: () => Sample): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const gauges = GAUGES.map(({ name, help, labels = [], values }) => ({
    values,
    plain: labels.length === 0,
    gauge: new Gauge({ name: PREFIX + name, help, labelNames: labels, registers }),
  }));
  // Counted elsewhere, so set before each scrape.
  const counters = COUNTERS.map(({ name, help, labels = [], values }) => ({
    values,
    counter: new Counter({ name: PREFIX + name, help, labelNames: labels, registers }),
  }));
  const cycles = new Histogram({
    name: `${PREFIX}cycle_duration_seconds`,
    help: 'Time that a cycle took, remedies that it waited for included.',
    buckets: CYCLE_BUCKETS,
    registers,
  });
  const bundles = new Counter({
    name: `${PREFIX}bundles_total`,
    help: 'Bundles recorded since the start, by outcome.',
    labelNames: ['outcome'],
    registers,
  });
  const remedies = new Counter({
    name: `${PREFIX}remedies_total`,
    help: 'Bundles about a remedy recorded since the start, by remedy and outcome.',
    labelNames: ['remedy', 'outcome'],
    registers,
  });
  return {
    contentType: registry.contentType,
    async text() {
      const sample = read();
      for (const { gauge, plain, values } of gauges) {
        gauge.reset();
        if (plain) gauge.remove(); // what is not known shows no line, rather than a 0 that says it is
        for (const [value, labels] of values(sample)) gauge.set(labels ?? {}, value);
      }
      for (const { counter, values } of counters) {
        counter.reset();
        for (const [value, labels] of values(sample)) counter.inc(labels ?? {}, value);
      }
      return registry.metrics();
    },
    cycle: (durationMs) => cycles.observe(durationMs / 1000),
    recorded({ outcome, runbook_id }) {
      bundles.inc({ outcome });
      if (runbook_id !== null) remedies.inc({ remedy: runbook_id, outcome });
    },
  };
}

type Labelled = readonly [value: number, labels?: Record<string, string>];
type Definition = {
  readonly name: string;
  readonly help: string;
  readonly labels?: string[];
  readonly values: (sample: Sample) => readonly Labelled[];
};

const known = (value: number | null): Labelled[] => (value === null ? [] : [[value]]);
const flag = (value: boolean): Labelled[] => [[value ? 1 : 0]];
const states = ({ lastCycle }: Sample) => lastCycle?.states ?? [];

const GAUGES: readonly Definition[] = [
  {
    name: 'info',
    help: 'Always 1; says which agent this is.',
    labels: ['version', 'host_id', 'site_id'],
    values: ({ version, hostId, siteId }) => [[1, { version, host_id: hostId, site_id: siteId }]],
  },
  {
    name: 'start_time_seconds',
    help: 'When the daemon started, seconds since the epoch.',
    values: ({ startedAt }) => [[startedAt / 1000]],
  },
  {
    name: 'poll_interval_seconds',
    help: 'Seconds between two cycles.',
    values: ({ pollInterval }) => [[pollInterval]],
  },
  {
    name: 'seconds_since_last_cycle',
    help: 'Seconds since the last cycle began; since the start where there was none.',
    values: ({ now, lastCycle, startedAt }) => [
      [(now - (lastCycle?.startedAt ?? startedAt)) / 1000],
    ],
  },
  {
    name: 'verdict',
    help: '1 for the verdict of each control in the last cycle, 0 for the others.',
    labels: ['control', 'verdict'],
    values: (sample) =>
      states(sample).flatMap(({ check, verdict }) =>
        Verdict.options.map(
          (one): Labelled => [one === verdict ? 1 : 0, { control: check, verdict: one }],
        ),
      ),
  },
  {
    name: 'open_findings',
    help: 'What is not as declared (drifted) or could not be seen (unknown) and no exception covers.',
    labels: ['control', 'severity', 'verdict'],
    values: (sample) =>
      states(sample).flatMap(({ check, findings }) =>
        Severity.options.flatMap((severity) =>
          (['drifted', 'unknown'] as const).map((verdict): Labelled => {
            const open = findings.filter(
              (finding) =>
                finding.severity === severity &&
                finding.verdict === verdict &&
                finding.exception === null,
            );
            return [open.length, { control: check, severity, verdict }];
          }),
        ),
      ),
  },
  {
    name: 'queue_pending',
    help: 'Bundles that wait for their receipt.',
    values: ({ queue }) => [[queue.pending]],
  },
  {
    name: 'queue_stalled',
    help: 'Bundles that were tried ten times and more.',
    values: ({ queue }) => [[queue.stalled]],
  },
  {
    name: 'queue_oldest_age_seconds',
    help: 'Age of the oldest bundle that waits; 0 where none does.',
    values: ({ queue }) => [[queue.oldestAgeMs / 1000]],
  },
  { name: 'queue_bytes', help: 'Bytes that wait.', values: ({ queue }) => [[queue.bytes]] },
  {
    name: 'notices_pending',
    help: 'Notices that wait for their receiver.',
    labels: ['channel'],
    values: (sample) => perChannel(sample, ({ pending }) => pending),
  },
  {
    name: 'notices_stalled',
    help: 'Notices that were tried ten times and more.',
    labels: ['channel'],
    values: (sample) => perChannel(sample, ({ stalled }) => stalled),
  },
  {
    name: 'chain_sequence',
    help: 'Number of the last bundle of the chain.',
    labels: ['chain_id'],
    values: ({ head }) => (head === null ? [] : [[head.sequence, { chain_id: head.chain_id }]]),
  },
  {
    name: 'evidence_writable',
    help: '1 while evidence can be written; without it no remedy starts.',
    values: ({ evidenceWritable }) => flag(evidenceWritable),
  },
  {
    name: 'evidence_waiting',
    help: 'Bundles that wait in memory since evidence cannot be written.',
    values: ({ evidenceWaiting }) => [[evidenceWaiting]],
  },
  {
    name: 'server_up',
    help: '1 while the control server answers; no line without a server.',
    values: ({ serverUp }) => (serverUp === null ? [] : flag(serverUp)),
  },
  {
    name: 'client_certificate_age_seconds',
    help: 'Age of the client certificate.',
    values: ({ certificate, now }) => known(certificate && (now - certificate.from) / 1000),
  },
  {
    name: 'client_certificate_expiry_seconds',
    help: 'Seconds until the client certificate ends; negative once it has.',
    values: ({ certificate, now }) => known(certificate && (certificate.until - now) / 1000),
  },
  {
    name: 'signing_key_age_seconds',
    help: 'Age of the signing key’s file.',
    values: ({ keyMadeAt, now }) => known(keyMadeAt && (now - keyMadeAt) / 1000),
  },
  {
    name: 'clock_known',
    help: '1 where a time service told how far the clock is off.',
    values: ({ clockOffsetMs, lastCycle }) =>
      lastCycle === null ? [] : flag(clockOffsetMs !== null),
  },
  {
    name: 'clock_offset_seconds',
    help: 'How far the clock is off, as the time service said in the last cycle.',
    values: ({ clockOffsetMs }) => known(clockOffsetMs === null ? null : clockOffsetMs / 1000),
  },
  {
    name: 'clock_offset_limit_seconds',
    help: 'Beyond this nothing disruptive runs.',
    values: ({ clockLimitMs }) => [[clockLimitMs / 1000]],
  },
];

const COUNTERS: readonly Definition[] = [
  ...(
    [
      ['cycles_total', 'Cycles completed since the start.', 'loops_completed'],
      ['drift_detected_total', 'Controls that drifted since the start.', 'drift_detected'],
      ['remediations_attempted_total', 'Remedies started.', 'remediations_attempted'],
      ['remediations_successful_total', 'Remedies that healed.', 'remediations_successful'],
      ['evidence_generated_total', 'Bundles written.', 'evidence_generated'],
      ['evidence_uploaded_total', 'Bundles receipted.', 'evidence_uploaded'],
      ['evidence_queued_total', 'Bundles queued.', 'evidence_queued'],
    ] as const
  ).map(
    ([name, help, counter]): Definition => ({
      name,
      help,
      values: ({ counters }) => [[counters[counter]]],
    }),
  ),
  {
    name: 'queue_uploaded_total',
    help: 'Bundles uploaded since the state folder was made.',
    values: ({ queue }) => [[queue.uploaded]],
  },
  {
    name: 'notices_delivered_total',
    help: 'Notices told since the state folder was made.',
    labels: ['channel'],
    values: (sample) => perChannel(sample, ({ delivered }) => delivered),
  },
];

function perChannel(
  { outbox }: Sample,
  value: (metrics: OutboxMetrics) => number,
): readonly Labelled[] {
  return Object.entries(outbox).map(([channel, metrics]) => [value(metrics), { channel }]);
}
