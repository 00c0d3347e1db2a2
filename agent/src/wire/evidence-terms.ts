/** The words of a bundle, for its schema and for who must do without it. */

export const EVIDENCE_TYPE = 'compliance-agent/evidence/v1';
export const EVIDENCE_VERSION = 1;
/** No bundle is longer: agent, server and verifier refuse it before they parse. */
export const MAX_BUNDLE_BYTES = 1024 * 1024;

export const OUTCOMES = [
  'success',
  'failed',
  'reverted',
  'deferred',
  'alert',
  'rejected',
  'expired', // of a remedy or an order
  'compliant', // attestation, or a control that became compliant without us
  'recorded', // start, stop, freeze, acceptance, retention, a new chain or key
] as const;

export const DEPLOYMENT_MODES = ['direct', 'reseller'] as const;

/** Citations that one bundle may name. */
export const MOST_CONTROLS = 32;
