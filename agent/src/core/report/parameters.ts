import * as z from 'zod';
import { Exception } from '../../wire/baseline.ts';
import { Identifier, KeyId, Sha256, Timestamp, Uuid } from '../../wire/primitives.ts';
import type { Cited } from '../frameworks/index.ts';

export const REPORT_TYPE = 'compliance-agent/report/v1';

/** What a report is made of beside the bundles. The same of both gives the same bytes. */
export const Parameters = z.strictObject({
  from: Timestamp,
  to: Timestamp.describe('exclusive'),
  profile: z.enum(['hipaa', 'nprm-2025']),
  attestation_interval_sec: z.number().int().min(1).max(86_400),
  ntp_max_skew_ms: z.number().int().min(1).max(3_600_000),
  /** What the maker says: the documented alternatives that bundles name by id, of which host. */
  exceptions: z.array(z.strictObject({ host_id: Identifier, exception: Exception })),
  made_by: z.string().max(64).describe('version of the program that made it'),
});
export type Parameters = z.infer<typeof Parameters>;

/** How far a chain reaches in a packet; a bundle that is gone from either end is missed by it. */
export const Extent = z.strictObject({
  chain_id: Uuid,
  first: z.number().int().min(1),
  last: z.number().int().min(1),
  bundles: z.number().int().min(1),
  head: Sha256.describe('SHA-256 of the last bundle.json'),
});
export type Extent = z.infer<typeof Extent>;

/** What of a report’s own facts verification holds against the bundles before it makes the report again. */
export const ReportHead = z.object({
  type: z.literal(REPORT_TYPE),
  parameters: Parameters,
  hosts: z.array(z.object({ host_id: Identifier, chains: z.array(Extent), keys: z.array(KeyId) })),
});
export type ReportHead = z.infer<typeof ReportHead>;

/** A control as a report shows it: a check’s id, title and citations. */
export type Control = {
  readonly id: string;
  readonly title: string;
  readonly citations: readonly Pick<Cited, 'framework' | 'id'>[];
};
