import type { FastifyBaseLogger } from 'fastify';
import { catchUp } from '../log/log.ts';
import { summariseLog } from '../standing/summarise.ts';
import type { Seal, Store } from '../store/store.ts';
import { type Alarm, alarmsOf } from './alarms.ts';

const LOG_MS = 1000;
const ALARMS_MS = 60_000;

/**
 * What a server does of its own accord: it brings what was kept into the log, and says when an alarm begins and ends.
 * A turn that fails is logged and taken again; `stop` waits for the one that is under way, and
 * leaves nothing out of the log.
 */
export function startWatch({
  store,
  seal,
  now,
  interval,
  logger,
}: {
  store: Store;
  seal: Seal;
  now: () => Date;
  interval: number;
  logger: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
}): { stop(): Promise<void> } {
  let standing = new Map<string, Alarm>();
  const look = async () => {
    const found = await findAlarms(store, { now: now(), interval });
    for (const [name, alarm] of found) if (!standing.has(name)) logger.warn({ alarm }, 'alarm');
    for (const [name, alarm] of standing) {
      if (!found.has(name)) logger.info({ alarm }, 'alarm is over');
    }
    standing = found;
    await store.maintain();
  };
  const turns = [
    repeat(LOG_MS, () => catchUp(store, seal), logger),
    repeat(LOG_MS, () => summariseLog(store), logger),
    repeat(ALARMS_MS, look, logger),
  ];
  return {
    async stop() {
      await Promise.all(turns.map((turn) => turn()));
      await catchUp(store, seal);
    },
  };
}

async function findAlarms(
  store: Store,
  at: { now: Date; interval: number },
): Promise<Map<string, Alarm>> {
  const alarms = (await store.hosts()).flatMap((summary) => alarmsOf(summary, at));
  return new Map(
    alarms.map((alarm) => [`${alarm.hostId} ${alarm.kind} ${alarm.chainId ?? ''}`, alarm]),
  );
}

/** Works at once and then `pause` milliseconds after each end; gives what stops it. */
function repeat(
  pause: number,
  work: () => Promise<unknown>,
  logger: Pick<FastifyBaseLogger, 'error'>,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void>;
  const turn = async (): Promise<void> => {
    await work().catch((err) => logger.error({ err }, 'a turn of the watch failed'));
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, pause);
  };
  running = turn();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
