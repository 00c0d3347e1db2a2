import { fileURLToPath } from 'node:url';

/** The bundled programs; this file runs from agent/.build/agent/bench. */
export const AGENT_PROGRAM = fileURLToPath(
  new URL('../../../dist/compliance-agent.js', import.meta.url),
);
/**
 * A folder on the repository’s own disk, since /tmp may be memory where fsync costs nothing; the scoreboard gives its
 * measurements one that goes with it.
 */
export const WORK = process.env.BENCH_WORK ?? fileURLToPath(new URL('../../', import.meta.url));
/** Where RESULTS.md lies, which git keeps. */
export const REPOSITORY_BENCH = fileURLToPath(new URL('../../../bench/', import.meta.url));
