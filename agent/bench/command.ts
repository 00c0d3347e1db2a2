import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AGENT_PROGRAM } from './programs.ts';

const execute = promisify(execFile);

/** Peak of the resident memory (getrusage(2), KiB), which the process itself tells when it ends. */
const TELL_PEAK =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';

/** One run of the built `compliance-agent`: milliseconds from its start to its end, and its peak memory in MiB. */
export async function runAgent(...args: string[]): Promise<{ ms: number; peakMiB: number }> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env; // it alone costs 58 ms a start
  const begun = process.hrtime.bigint();
  const { stderr } = await execute(
    process.execPath,
    ['--import', TELL_PEAK, AGENT_PROGRAM, ...args],
    { env, maxBuffer: 64 * 2 ** 20 },
  );
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  return { ms, peakMiB: Number(/peak (\d+)$/.exec(stderr)?.[1]) / 1024 };
}
