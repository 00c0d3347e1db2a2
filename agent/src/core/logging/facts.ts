import * as z from 'zod';
import { UnitState } from '../units/facts.ts';
import { UnseenPart } from '../unseen-part.ts';

/** A line of the probe’s own, written to the journal and looked for. The line itself is never a fact. */
const Canary = z.strictObject({
  written: z.boolean().describe('whether journald took it'),
  latency_ms: z
    .number()
    .int()
    .min(0)
    .nullable()
    .describe('milliseconds until it was found; null where it was not'),
});
export type Canary = z.infer<typeof Canary>;

const JournalStorage = z.strictObject({
  kind: z
    .enum(['persistent', 'volatile', 'none'])
    .describe('where journald writes: /var/log/journal, /run/log/journal, or no file'),
  free_bytes: z
    .number()
    .int()
    .min(0)
    .nullable()
    .describe('on its file system; null without a file'),
});
export type JournalStorage = z.infer<typeof JournalStorage>;

/** `data` of the document of the probe `logging`. */
export const Journal = z.strictObject({
  canary: z.union([Canary, UnseenPart]),
  storage: z.union([JournalStorage, UnseenPart]),
});
export type Journal = z.infer<typeof Journal>;

/** What may enter evidence about logging. */
export const LoggingFacts = z.strictObject({
  units: z.union([z.array(UnitState).max(16), UnseenPart]),
  ...Journal.shape,
});
export type LoggingFacts = z.infer<typeof LoggingFacts>;
