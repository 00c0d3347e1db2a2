import type { Logger } from 'pino';
import { inJournal } from './journal-entry.ts';

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'level'>;

/**
 * The daemon’s log: JSON lines on standard output, which the journal keeps. It says what happened and never contents
 * (DESIGN promise 6): ids, counts, codes.
 */
export async function createLog(level: string): Promise<Log> {
  const { default: pino } = await import('pino');
  const out = pino.destination({ dest: 1, sync: true });
  const log: Log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: named } },
    inJournal() ? withPriority(out) : out,
  );
  return log;
}

/** The journal takes `<N>` at a line’s beginning as its priority (sd-daemon(3)), so that `journalctl -p warning` works. */
function withPriority(stream: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write(line) {
      const [, level = ''] = /^\{"level":"([a-z]+)"/.exec(line) ?? [];
      stream.write(`<${PRIORITIES[level] ?? 6}>${line}`);
    },
  };
}

const PRIORITIES: Readonly<Record<string, number>> = { trace: 7, debug: 7, warn: 4, error: 3 };

/** A name instead of pino’s number. */
const named = (level: string) => ({ level });
