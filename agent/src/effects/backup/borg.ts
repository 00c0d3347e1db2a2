import { parseArchive } from '../../core/backup/borg.ts';
import type { Snapshot } from '../../core/backup/restic.ts';
import { FailureError } from '../../wire/failure.ts';

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The newest archive; repository and passphrase come by borg’s own environment. Without a lock: it is only read. */
export async function newestArchive(program: string): Promise<Snapshot | null> {
  const { execa } = await import('execa');
  const result = await execa(program, ['info', '--json', '--last', '1', '--bypass-lock'], {
    reject: false,
    stdin: 'ignore',
    stderr: 'inherit', // the unit’s journal
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { LC_ALL: 'C' },
  });
  const tool = 'borg';
  if (result.isMaxBuffer) throw new FailureError('too_large', { tool });
  if (result.exitCode === undefined) throw new FailureError('tool_missing', { tool });
  if (result.exitCode !== 0) {
    throw new FailureError('tool_failed', { tool, exit_code: result.exitCode });
  }
  try {
    return parseArchive(result.stdout);
  } catch (cause) {
    throw new FailureError('malformed', { tool }, { cause });
  }
}
