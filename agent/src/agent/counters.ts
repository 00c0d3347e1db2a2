/** The seven counters, since the daemon started. They are not kept over a restart: the evidence itself is. */
export type Counters = {
  loops_completed: number;
  drift_detected: number;
  remediations_attempted: number;
  remediations_successful: number;
  evidence_generated: number;
  evidence_uploaded: number;
  evidence_queued: number;
};

export function newCounters(): Counters {
  return {
    loops_completed: 0,
    drift_detected: 0,
    remediations_attempted: 0,
    remediations_successful: 0,
    evidence_generated: 0,
    evidence_uploaded: 0,
    evidence_queued: 0,
  };
}
