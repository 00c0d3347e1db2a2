import * as z from 'zod';
import { Failure } from './failure.ts';
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
export const ProbeName = z.enum(PROBES);
export type ProbeName = z.infer<typeof ProbeName>;

/** What JSON.parse gave is JSON: walking megabytes of it here would cost more than all the rest of a cycle. */
const ParsedJson = z.custom<Json>((value) => value !== undefined);

/** `data` is parsed by the check that asked. */
export const ProbeDocument = z.discriminatedUnion('ok', [
  z.strictObject({
    type: z.literal(PROBE_TYPE),
    probe: ProbeName,
    ok: z.literal(true),
    data: ParsedJson,
  }),
  z.strictObject({
    type: z.literal(PROBE_TYPE),
    probe: ProbeName,
    ok: z.literal(false),
    error: Failure,
  }),
]);
export type ProbeDocument = z.infer<typeof ProbeDocument>;
