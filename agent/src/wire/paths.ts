/** Where the hooks of backup units leave their status files. Apart from their schemas, since commands name it in their help. */
export const BACKUP_STATUS_DIR = '/var/lib/compliance-agent-backup';

/** Settings that nobody named, and the baseline that they name unless they say otherwise. */
export const DEFAULT_CONFIG = '/etc/compliance-agent/config.yaml';
export const DEFAULT_BASELINE = '/etc/compliance-agent/baseline.yaml';
export const DEFAULT_STATE_DIR = '/var/lib/compliance-agent';

/** Prefix of every environment variable that is a setting; the rest is the field’s name in upper case. */
export const ENV_PREFIX = 'COMPLIANCE_AGENT_';
