import { createSigner, type Signer } from '../../agent/src/core/ed25519.ts';
import type { Draft, HostContext } from '../../agent/src/wire/evidence.ts';
import { NO_DIGEST } from '../../agent/src/wire/primitives.ts';

/** Signers of fixed seeds: tests and vectors only. */
export const signerOf = (byte: number): Signer => createSigner(new Uint8Array(32).fill(byte));

export const CONTEXT: HostContext = {
  site_id: 'clinic-1',
  host_id: 'host-1',
  deployment_mode: 'direct',
  reseller_id: null,
  policy_version: '1',
  ruleset_hash: NO_DIGEST,
  nixos_revision: null,
  derivation_digest: null,
  ntp_offset_ms: 0.4,
  boot_id: 'b1f0c7a2-52f2-4f3c-8a0e-0d5a3c1e7b11',
  agent_version: '0.1.0',
};

/** A draft of one check, ended at `at`. */
export function draftOf(fields: Partial<Draft> & { at?: string } = {}): Draft {
  const { at = '2026-11-22T09:30:00.000Z', ...rest } = fields;
  return {
    timestamp_start: at,
    timestamp_end: at,
    check: 'firewall',
    hipaa_controls: ['164.312(a)(1)'],
    pre_state: null,
    post_state: null,
    action_taken: [],
    rollback_available: false,
    rollback_generation: null,
    outcome: 'compliant',
    error: null,
    order_id: null,
    runbook_id: null,
    ...rest,
  };
}
