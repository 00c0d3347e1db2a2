/** Where the hooks of backup units leave their status files. Apart from their schemas, since commands name it in their help. */
export const BACKUP_STATUS_DIR = '/var/lib/compliance-agent-backup';
