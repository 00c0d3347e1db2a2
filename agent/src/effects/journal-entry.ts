import { fstatSync } from 'node:fs';
import { runToEnd } from './program.ts';

/** Whether standard output goes to the journal (`JOURNAL_STREAM` of systemd.exec(5) names it by device and inode). */
export function inJournal(env: NodeJS.ProcessEnv = process.env): boolean {
  const { dev, ino } = fstatSync(1);
  return env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}

/**
 * Writes one entry with fields of its own, to be found by `journalctl COMPLIANCE_CHECK=firewall`. Node has no datagram
 * socket of the family, so logger(1) sends it. Gives whether it was taken; never throws, as the log line has been
 * written in either case.
 */
export async function writeJournalEntry(
  fields: Readonly<Record<string, string>>,
): Promise<boolean> {
  const input = Object.entries(fields)
    .map(([name, value]) => `${name}=${value.replace(/[\r\n]+/g, ' ')}`)
    .join('\n');
  const sent = runToEnd({
    program: 'logger',
    tool: 'logger',
    args: ['--journald'],
    input: `${input}\n`,
    signal: AbortSignal.timeout(5000),
  });
  return sent.then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}
