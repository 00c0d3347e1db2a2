import type { Logger } from 'pino';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'level'>;

/**
 * The daemon’s log: JSON lines on standard output, which the journal keeps. It says what happened and never contents
 * (DESIGN promise 6): ids, counts, codes.
 */
export async function createLog(level: string): Promise<Log> {
  const { default: pino } = await import('pino');
  const log: Log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: named } },
    pino.destination({ dest: 1, sync: true }),
  );
  return log;
}

/** A name instead of pino’s number. */
const named = (level: string) => ({ level });
