/**
 * Why a remedy was put off: the `reason` of a deferred bundle’s error, whose code is `busy`. A closed list for agent and
 * root alike; what the plan forbids or asks a person for is no deferral.
 */
export const DEFERRALS = [
  'running', // begun, and finished by a later cycle
  'busy', // its socket answered empty: another instance runs
  'frozen', // break-glass holds
  'clock_unknown', // no time service tells how far off the clock is (DESIGN 9)
  'clock_off', // by more than ntp_max_skew_ms
  'outside_window', // the maintenance window is closed
  'backing_off', // the last run did not succeed
  'rate_limit', // it ran as often within the hour as the settings allow
  'order_needed', // a signed order is asked for
  'order_requested', // and not yet signed
] as const;
export type Deferral = (typeof DEFERRALS)[number];
