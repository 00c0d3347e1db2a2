import * as z from 'zod';
import { DeclaredUnit, restartBound } from '../units/section.ts';

/** The section `logging` of the baseline. */
export const LoggingSection = z.strictObject({
  units: z
    .array(DeclaredUnit)
    .min(1)
    .max(16)
    .default([{ unit: 'systemd-journald.service', allowed_drop_ins: [] }])
    .describe('journald, its sockets and the shippers'),
  canary_max_latency_ms: z
    .number()
    .int()
    .min(10)
    .max(15_000)
    .default(5000)
    .describe('milliseconds from writing a line to finding it in the journal'),
  persistent: z.boolean().default(true).describe('whether the journal must outlive a reboot'),
  min_free_bytes: z
    .number()
    .int()
    .min(0)
    .max(2 ** 50)
    .default(256 * 1024 * 1024)
    .describe('bytes free on the journal’s file system'),
  ...restartBound,
});
export type LoggingSection = z.infer<typeof LoggingSection>;
