import type { Failure } from './failure.ts';
import type { Json } from './primitives.ts';

export const PROBE_TYPE = 'compliance-agent/probe/v1';
/** A probe’s socket answers with one document of at most this many bytes; the client reads to the end. */
export const MAX_PROBE_BYTES = 8 * 1024 * 1024;

/** The privileged looks that an unprivileged agent asks for over `/run/compliance-agent/probe/NAME.sock` (DESIGN 5). */
export const PROBES = [
  'firewall',
  'firewall-reference',
  'volumes',
  'antivirus',
  'logging',
] as const;
export type ProbeName = (typeof PROBES)[number];

export function isProbe(name: string | undefined): name is ProbeName {
  return PROBES.some((probe) => probe === name);
}

/** What a probe answers; `data` is parsed by the check that asked. */
export type ProbeDocument = {
  readonly type: typeof PROBE_TYPE;
  readonly probe: ProbeName;
} & ({ readonly ok: true; readonly data: Json } | { readonly ok: false; readonly error: Failure });
