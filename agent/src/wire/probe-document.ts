import * as z from 'zod';
import { Failure } from './failure-schema.ts';
import type { Json } from './primitives.ts';
import { PROBE_TYPE, PROBES, type ProbeDocument as ProbeDocumentType } from './probe.ts';

/** What JSON.parse gave is JSON: walking megabytes of it here would cost more than all the rest of a cycle. */
const ParsedJson = z.custom<Json>((value) => value !== undefined);

export const ProbeDocument = z.discriminatedUnion('ok', [
  z.strictObject({
    type: z.literal(PROBE_TYPE),
    probe: z.enum(PROBES),
    ok: z.literal(true),
    data: ParsedJson,
  }),
  z.strictObject({
    type: z.literal(PROBE_TYPE),
    probe: z.enum(PROBES),
    ok: z.literal(false),
    error: Failure,
  }),
]) satisfies z.ZodType<ProbeDocumentType>;
export type ProbeDocument = ProbeDocumentType;
