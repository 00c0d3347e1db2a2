import type { PlannedRemedy } from '../core/plan.ts';
import type { Remedy } from '../core/remedy.ts';
import type { RemedyMode } from '../wire/settings.ts';
import { restartAvService } from './restart-av-service.ts';
import { restartLoggingServices } from './restart-logging-services.ts';
import { restoreFirewallBaseline } from './restore-firewall-baseline.ts';
import { runBackupJob } from './run-backup-job.ts';
import { updateToBaselineGeneration } from './update-to-baseline-generation.ts';

/** Every remedy that runs, one line each. */
export const REMEDIES: readonly Remedy[] = [
  restartAvService,
  runBackupJob,
  restartLoggingServices,
  restoreFirewallBaseline,
  updateToBaselineGeneration,
];

/** Volumes are encrypted by a person: it has no socket and nothing to run. */
const MANUAL: PlannedRemedy = { id: 'enable_volume_encryption', disruptive: true, manual: true };

/** All six as the plan sees them (DESIGN 4). */
export const PLANNED: readonly PlannedRemedy[] = [
  ...REMEDIES.map(({ id, disruptive }) => ({ id, disruptive, manual: false })),
  MANUAL,
];

/** Modes unless the settings say otherwise (DESIGN 4). */
export const DEFAULT_MODES: Readonly<Record<string, RemedyMode>> = {
  restart_av_service: 'auto',
  run_backup_job: 'auto',
  restart_logging_services: 'auto',
  restore_firewall_baseline: 'auto',
  update_to_baseline_generation: 'order',
  enable_volume_encryption: 'alert',
};

/** The mode in force: the settings’, else the default, else the one that does nothing. */
export function modeOf(
  remedy: string,
  set: Readonly<Record<string, { mode: RemedyMode }>>,
): RemedyMode {
  return set[remedy]?.mode ?? DEFAULT_MODES[remedy] ?? 'alert';
}
