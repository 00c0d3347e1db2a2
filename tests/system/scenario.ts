import type { Bundle } from '../../agent/src/wire/evidence.ts';
import type { Json } from '../../agent/src/wire/primitives.ts';
import type { Machine } from './machine.ts';

/** Seconds between two cycles in every scenario. */
export const POLL = 3;

export type Scenario = {
  readonly name: string;
  /** One sentence: what this proves, and how. */
  readonly proves: string;
  readonly settings?: { readonly [field: string]: Json };
  readonly checks: { readonly [check: string]: Json };
  /** What lies on the disk before the machine boots. */
  readonly prepare?: (machine: Machine) => void;
  readonly play: (machine: Machine, stage: Stage) => Promise<void>;
};

export type Stage = {
  /** One line of the table: what was seen, and how long it took where that counts. */
  seen(what: string, seconds?: number): void;
};

export const bundlesOf = (machine: Machine, check: string): Bundle[] =>
  machine.bundles().filter((bundle) => bundle.check === check);

/**
 * Breaks something and waits until it is healed and proved: a new bundle about the check with this outcome. From the
 * breaking to the bundle may take two poll intervals, with their jitter, and what the remedy itself takes.
 */
export async function breakAndHeal(
  machine: Machine,
  { seen }: Stage,
  {
    check,
    how,
    act,
    outcome = 'success',
  }: { check: string; how: string; act: () => Promise<unknown>; outcome?: string },
): Promise<Bundle> {
  await machine.until(`${check} is compliant to begin with`, () => isCompliant(machine, check));
  const before = bundlesOf(machine, check).length;
  await act();
  const broken = Date.now();
  const bundle = await machine.until(`${check}: ${how} → ${outcome}`, () =>
    bundlesOf(machine, check)
      .slice(before)
      .find((one) => one.runbook_id !== null && one.outcome === outcome),
  );
  const seconds = (Date.parse(bundle.timestamp_end) - broken) / 1000;
  const work = bundle.action_taken[0]?.duration_sec ?? 0;
  if (seconds - work > 2 * POLL * 1.1)
    throw new Error(`${check}: ${how}: ${seconds.toFixed(1)} s are more than two poll intervals`);
  seen(`${how}: ${outcome}`, seconds);
  return bundle;
}

/** The third relapse within an hour: the remedy is in quarantine, so this stays broken and is an alert. */
export async function stayBroken(
  machine: Machine,
  { seen }: Stage,
  check: string,
  command: string,
): Promise<void> {
  await machine.until(`${check} is compliant`, () => isCompliant(machine, check));
  const before = bundlesOf(machine, check).length;
  await machine.must(command);
  const bundle = await machine.until(
    `${check}: quarantined`,
    () => bundlesOf(machine, check)[before],
  );
  expectTrue(
    bundle.outcome === 'alert' && bundle.runbook_id === null,
    `an alert, not ${bundle.outcome}`,
  );
  seen('a third relapse within the hour: alert, and no remedy');
}

/** What the newest bundle about a check says, attestations included. */
export function isCompliant(machine: Machine, check: string): boolean {
  const last = bundlesOf(machine, check).at(-1)?.post_state as { verdict?: string } | undefined;
  return last?.verdict === 'compliant';
}

export function expectTrue(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`does not hold: ${what}`);
}
