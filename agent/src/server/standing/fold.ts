import { entryOf } from '../../core/report/entry.ts';
import type { Bundle } from '../../wire/evidence.ts';
import type { Severity, Verdict } from '../../wire/verdict.ts';
import { type Hours, mergeHours } from './hours.ts';
import { rankOf } from './rank.ts';

/** A bundle of the log, as it is kept. */
export type LoggedBundle = {
  readonly hostId: string;
  readonly sha256: string;
  readonly receivedAt: string;
  readonly fork: boolean;
  readonly bytes: Uint8Array;
};

/** The newest word on one control of a host, and since when it has been the same. */
export type ControlStanding = {
  readonly check: string;
  readonly verdict: Verdict;
  readonly severity: Severity | null;
  readonly since: string;
  /** When it was said: by the host’s clock, but never later than it was received. */
  readonly saidAt: string;
  /** The bundle that says so. */
  readonly sha256: string;
};
export type StandingRow = ControlStanding & { readonly hostId: string };
/** What was said of a host’s controls in the hours of a day (UTC). */
export type DayRow = { readonly hostId: string; readonly day: string; readonly hours: Hours };

type Said = Omit<StandingRow, 'since'> & { readonly newest: boolean };

/** Everything that bundles say of controls, in their order. A fork is no word of the host: it shows in its chain. */
export function statementsIn(bundles: readonly LoggedBundle[]): Said[] {
  return bundles.flatMap(({ hostId, sha256, receivedAt, fork, bytes }) => {
    if (fork) return [];
    const bundle = JSON.parse(Buffer.from(bytes).toString('utf8')) as Bundle;
    const { statements, attempt, began, ended } = entryOf(bundle, { sha256, received_at: null });
    const at = (time: number) => earlier(new Date(time).toISOString(), receivedAt);
    const before = attempt?.before ?? null;
    return [
      ...(before === null ? [] : [{ ...before, saidAt: at(began), newest: false }]),
      ...statements.map((said) => ({ ...said, saidAt: at(ended), newest: true })),
    ].map(({ check, verdict, severity, saidAt, newest }) => ({
      ...{ hostId, sha256, check, verdict, severity, saidAt, newest },
    }));
  });
}

const earlier = (one: string, other: string): string => (one < other ? one : other);
export const standingKey = (hostId: string, check: string): string => `${hostId} ${check}`;
export const dayKey = (hostId: string, day: string): string => `${hostId} ${day}`;
export const dayOf = (time: string): string => time.slice(0, 10);

/**
 * What statements make of what stood before: the rows that change. Bundles come in any order: an older word moves no
 * standing, and an hour is as its worst word, whenever that comes.
 */
export function fold(
  statements: readonly Said[],
  before: {
    readonly standings: ReadonlyMap<string, StandingRow>;
    readonly days: ReadonlyMap<string, DayRow>;
  },
): { standings: (StandingRow & { rank: number })[]; days: DayRow[] } {
  const standings = new Map<string, StandingRow>();
  const days = new Map<string, DayRow>();
  for (const { newest, ...said } of statements) {
    const { hostId, check, verdict, severity, saidAt } = said;
    const key = standingKey(hostId, check);
    const stood = standings.get(key) ?? before.standings.get(key);
    if (newest && (stood === undefined || stood.saidAt <= saidAt)) {
      const same = stood?.verdict === verdict && stood.severity === severity;
      standings.set(key, { ...said, since: same ? stood.since : saidAt });
    }
    const day = dayOf(saidAt);
    const name = dayKey(hostId, day);
    const hours = (days.get(name) ?? before.days.get(name))?.hours ?? {};
    const hour = Number(saidAt.slice(11, 13));
    days.set(name, { hostId, day, hours: mergeHours(hours, { check, hour, verdict }) });
  }
  return {
    standings: [...standings.values()].map((row) => ({
      ...row,
      rank: rankOf(row.verdict, row.severity),
    })),
    days: [...days.values()],
  };
}
