import { fileURLToPath } from 'node:url';

/** The bundled programs; this file runs from agent/.build/agent/bench. */
export const AGENT_PROGRAM = fileURLToPath(
  new URL('../../../dist/compliance-agent.js', import.meta.url),
);
