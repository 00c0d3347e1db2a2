import type { Draft, HostContext } from '../src/wire/evidence.ts';

/** A bundle’s content of ordinary size: one finding, some facts. */
export function sampleDraft(at = new Date()): Draft {
  const time = at.toISOString();
  const finding = {
    rule: 'chain_differs',
    subject: 'inet nixos-fw input',
    verdict: 'drifted',
    severity: 'high',
    expected: 'drop',
    actual: 'tcp dport 23 accept',
    message: 'A rule was added.',
    exception: null,
  };
  return {
    timestamp_start: time,
    timestamp_end: time,
    check: 'firewall',
    hipaa_controls: ['164.312(a)(1)', '164.312(e)(1)'],
    pre_state: null,
    post_state: {
      check: 'firewall',
      verdict: 'drifted',
      severity: 'high',
      exceptions: [],
      error: null,
      findings: [finding],
      facts: { digest: 'a'.repeat(64), foreign: ['ip docker'] },
    },
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: 'alert',
    error: null,
    order_id: null,
    runbook_id: null,
  };
}

export function sampleContext(): HostContext {
  return {
    site_id: 'bench',
    host_id: 'bench',
    deployment_mode: 'direct',
    reseller_id: null,
    policy_version: '1',
    ruleset_hash: 'b'.repeat(64),
    nixos_revision: null,
    derivation_digest: null,
    ntp_offset_ms: 0.4,
    boot_id: '85fd0f4d-ac00-47a6-95ab-d0a888817344',
    agent_version: '0.1.0',
  };
}
