import { exitCodeOf } from '../../../terminal/exit-code.ts';

/**
 * `compliance-agent run [--config FILE] [--root DIR]` as the service runs it: what parses commands would stay in memory
 * for as long as the daemon does. Whatever else there is, gives false and leaves to `run.ts` and the program’s commands.
 */
export async function run(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) return false;
  // Before anything large is loaded. Of schemas as in index.ts: what is parsed seldom is not compiled.
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
  (await import('../../../effects/heap.ts')).keepSmall();
  try {
    await (await import('./run.ts')).run(options);
  } catch (error) {
    process.exitCode = exitCodeOf(error, 'compliance-agent');
  }
  return true;
}

/** Null where there is anything but `run`, `--config FILE` and `--root DIR`. */
function readOptions([verb, ...args]: readonly string[]): { config?: string; root: string } | null {
  const options: { config?: string; root: string } = { root: '/' };
  while (args.length > 0) {
    const option = /^--(config|root)$/.exec(args.shift() ?? '')?.[1] as 'config' | 'root';
    const value = args.shift();
    if (option === undefined || value === undefined || value.startsWith('-')) return null;
    options[option] = value;
  }
  return verb === 'run' ? options : null;
}
