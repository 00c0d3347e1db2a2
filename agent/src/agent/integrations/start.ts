import { inJournal, writeJournalEntry } from '../../effects/journal-entry.ts';
import type { Log } from '../../effects/log.ts';
import { readMoment } from '../../effects/moment.ts';
import type { Draft } from '../../wire/evidence.ts';
import { toFailure } from '../../wire/failure.ts';
import type { Agent } from '../agent.ts';
import { type Loop, startLoop } from '../loop.ts';
import type { ServerState } from '../uploader.ts';
import { channelsOf, openSink } from './channels.ts';
import { journalFields } from './journal-fields.ts';
import type { Metrics } from './metrics.ts';
import { createNotifier, type Notifier } from './notifier.ts';
import { takeSample } from './sample.ts';

export type Integrations = {
  /** A bundle is durable. */
  recorded(draft: Draft): void;
  /** A cycle ended that took so many milliseconds. */
  cycle(durationMs: number): void;
  stop(): Promise<void>;
};

/**
 * Tells others: webhook and syslog from the outbox, metrics where they are asked for, fields in the journal. Each at
 * its own pace; none of them holds a cycle, and one that fails is logged and nothing else. Loads what is configured.
 */
export async function startIntegrations({
  agent,
  log,
  server,
  startedAt,
  random = Math.random,
}: {
  agent: Agent;
  log: Log;
  server: () => ServerState | null;
  startedAt: Date;
  random?: () => number;
}): Promise<Integrations> {
  const stopping = new AbortController();
  const settings = () => agent.config().settings;
  const channels = channelsOf(settings());
  const told = channels.map((channel) => {
    const connect = () => openSink(channel, settings());
    const { outbox } = agent.store;
    const notifier = createNotifier({ channel, outbox, connect, log, random, moment: readMoment });
    return { notifier, loop: startLoop(() => notifier.turn(stopping.signal)) };
  }) satisfies { notifier: Notifier; loop: Loop }[];

  const sample = () =>
    takeSample({ agent, channels, server: server(), startedAt, now: new Date() });
  const scrapes = await openMetrics(settings().metrics_listen, sample, log);
  const fields = inJournal();

  return {
    recorded(draft) {
      for (const { loop } of told) loop.wake();
      scrapes?.metrics.recorded(draft);
      const entry = fields ? journalFields(draft, agent.store.head()) : null;
      if (entry !== null) void writeJournalEntry(entry); // where it is not taken, its log line is there
    },
    cycle: (durationMs) => scrapes?.metrics.cycle(durationMs),
    async stop() {
      stopping.abort();
      await Promise.all([scrapes?.close(), ...told.map(({ loop }) => loop.stop())]);
      await Promise.all(told.map(({ notifier }) => notifier.close()));
    },
  };
}

async function openMetrics(
  at: string | undefined,
  sample: () => ReturnType<typeof takeSample>,
  log: Log,
): Promise<{ metrics: Metrics; close: () => Promise<void> } | null> {
  if (at === undefined) return null;
  const [{ createMetrics }, { listenForScrapes }] = await Promise.all([
    import('./metrics.ts'),
    import('../../effects/integrations/metrics-listener.ts'),
  ]);
  const metrics = createMetrics(sample);
  const { contentType, text } = metrics;
  try {
    const { port, close } = await listenForScrapes({ at, contentType, text });
    log.info({ at, port }, 'metrics');
    return { metrics, close };
  } catch (error) {
    log.error({ at, failure: toFailure(error, 'metrics') }, 'metrics cannot be served');
    return null;
  }
}
