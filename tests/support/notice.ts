import { NOTICE_TYPE, type Notice } from '../../agent/src/wire/notice.ts';
import { CONTEXT } from './evidence.ts';

/** What is told of a firewall that drifted. */
export const NOTICE: Notice = {
  type: NOTICE_TYPE,
  bundle_id: '7d0c7a0e-52f2-4f3c-8a0e-0d5a3c1e7b11',
  bundle_sha256: 'a'.repeat(64),
  chain_id: 'b1f0c7a2-52f2-4f3c-8a0e-0d5a3c1e7b11',
  sequence: 4,
  site_id: CONTEXT.site_id,
  host_id: CONTEXT.host_id,
  deployment_mode: 'direct',
  reseller_id: null,
  agent_version: CONTEXT.agent_version,
  timestamp_start: '2026-11-22T09:30:00.000Z',
  timestamp_end: '2026-11-22T09:30:00.125Z',
  check: 'firewall',
  hipaa_controls: ['164.312(a)(1)'],
  outcome: 'alert',
  error: null,
  order_id: null,
  runbook_id: null,
  summary: 'host-1: firewall is drifted (high); alert: a rule is gone',
  verdict: 'drifted',
  severity: 'high',
  findings: [],
  findings_total: 0,
};
