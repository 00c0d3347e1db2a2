import type { Log } from '../effects/log.ts';
import { toFailure } from '../wire/failure.ts';
import type { Agent } from './agent.ts';

/** At three in the morning of the host's clock, up to half an hour later by chance: a fleet does not prune together. */
const NIGHTLY = '0 3 * * *';
const SPREAD_MS = 30 * 60_000;

/** One gentle run of retention; gives what went and whether more may follow. */
export async function pruneEvidence(agent: Agent): Promise<{ pruned: number; more: boolean }> {
  const { prune_retention_days: days, evidence_retention: newest } = agent.config().settings;
  return agent.store.prune({ now: new Date(), days, newest, context: await agent.context() });
}

/** Prunes each night; `stop` ends that. */
export async function pruneNightly({
  agent,
  log,
}: {
  agent: Agent;
  log: Log;
}): Promise<{ stop(): void }> {
  const cron = await import('node-cron');
  const task = cron.schedule(
    NIGHTLY,
    async () => {
      try {
        log.info(await pruneEvidence(agent), 'retention');
      } catch (error) {
        log.error(
          { failure: toFailure(error, 'prune') },
          'retention failed; the next night tries again',
        );
      }
    },
    { name: 'retention', noOverlap: true, maxRandomDelay: SPREAD_MS, unref: true },
  );
  return { stop: () => void task.stop() };
}
