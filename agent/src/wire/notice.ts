import * as z from 'zod';
import { Bundle } from './evidence.ts';
import { Sha256 } from './primitives.ts';
import { Finding, Severity, Verdict } from './verdict.ts';

export const NOTICE_TYPE = 'compliance-agent/notice/v1';
/** A notice names no more findings than these; its bundle has them all. */
export const MAX_NOTICE_FINDINGS = 32;

/** Where notices may go, each at its own pace. */
export const NOTICE_CHANNELS = ['webhook', 'syslog'] as const;
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];

/**
 * What others are told of a bundle: the body of a webhook, and what a syslog message is made of. Every field is one of
 * the evidence, so it carries nothing that evidence may not (DESIGN promise 6).
 */
export const Notice = z.strictObject({
  type: z.literal(NOTICE_TYPE),
  ...Bundle.pick({
    bundle_id: true,
    chain_id: true,
    sequence: true,
    site_id: true,
    host_id: true,
    deployment_mode: true,
    reseller_id: true,
    agent_version: true,
    timestamp_start: true,
    timestamp_end: true,
    check: true,
    hipaa_controls: true,
    outcome: true,
    error: true,
    order_id: true,
    runbook_id: true,
  }).shape,
  bundle_sha256: Sha256,
  summary: z.string().max(512).describe('one sentence for a person'),
  verdict: Verdict.nullable().describe('of the control; null where the bundle is not about one'),
  severity: Severity.nullable().describe('the highest of its open findings'),
  findings: z
    .array(Finding.omit({ expected: true, actual: true }))
    .max(MAX_NOTICE_FINDINGS)
    .describe('the first of them'),
  findings_total: z.number().int().min(0),
});
export type Notice = z.infer<typeof Notice>;

/** The headers of a webhook. The signature is `sha256=` and hex HMAC-SHA256 over timestamp, a full stop and the body. */
export const WEBHOOK_HEADERS = {
  /** Id of the bundle, the same on every try: what came twice is known by it. */
  delivery: 'x-compliance-delivery',
  /** Seconds since the epoch when this try was signed: a receiver refuses what is old. */
  timestamp: 'x-compliance-timestamp',
  signature: 'x-compliance-signature',
} as const;
