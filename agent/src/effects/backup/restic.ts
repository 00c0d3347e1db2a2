import { type ListedSnapshot, parseSnapshots } from '../../core/backup/restic.ts';
import { FailureError } from '../../wire/failure.ts';

/** The program, and the host whose snapshots are meant; repository and password come by restic’s own environment. */
export type Restic = { readonly program: string; readonly host: string };

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** This host’s snapshots, newest last or not. Without a lock: the list is only read. */
export async function listSnapshots({ program, host }: Restic): Promise<ListedSnapshot[]> {
  const output = await runRestic(program, ['snapshots', '--json', '--no-lock', '--host', host]);
  try {
    return parseSnapshots(output);
  } catch (cause) {
    throw new FailureError('malformed', { tool: 'restic' }, { cause });
  }
}

/** Brings one file of a snapshot back below `target`. */
export async function restoreFile(
  { program }: Restic,
  { snapshot, path, target }: { snapshot: string; path: string; target: string },
): Promise<void> {
  await runRestic(program, ['restore', snapshot, '--target', target, '--include', literal(path)]);
}

/** `--include` takes a pattern (restic-restore(1)). */
function literal(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}

/** What restic says of itself goes to our standard error, which is the unit’s journal. */
async function runRestic(program: string, args: readonly string[]): Promise<string> {
  const { execa } = await import('execa');
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    stderr: 'inherit',
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { LC_ALL: 'C' },
  });
  if (result.exitCode === 0) return result.stdout;
  if (result.isMaxBuffer) throw new FailureError('too_large', { tool: 'restic' });
  if (result.exitCode === undefined) throw new FailureError('tool_missing', { tool: 'restic' });
  throw new FailureError('tool_failed', { tool: 'restic', exit_code: result.exitCode });
}
