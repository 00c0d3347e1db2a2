import type { Exception } from '../../wire/baseline.ts';
import type { PrunedRange } from '../../wire/lineage.ts';
import { type Cited, crosswalk } from '../frameworks/index.ts';
import { joinRanges } from '../gaps.ts';
import type { Entry } from './entry.ts';
import { type Incident, incidentsOf } from './incidents.ts';
import { type Control, type Extent, type Parameters, REPORT_TYPE } from './parameters.ts';
import { type Segment, type State, secondsOf, timelineOf } from './timeline.ts';
import { type ClockTrouble, clockTroubleOf, type Silence, silencesOf } from './trouble.ts';

export type ControlFacts = {
  readonly check: string;
  readonly title: string;
  readonly citations: readonly Cited[];
  readonly seconds: Record<State, number>;
  readonly segments: readonly Segment[];
};

export type HostFacts = {
  readonly host_id: string;
  readonly site_id: string;
  readonly bundles: number;
  readonly receipted: number;
  readonly chains: readonly Extent[];
  readonly keys: readonly string[];
  readonly controls: readonly ControlFacts[];
  readonly incidents: readonly Incident[];
  readonly silences: readonly Silence[];
  readonly clock: readonly ClockTrouble[];
  readonly pruned: readonly PrunedRange[];
  /** Ids that bundles of the period name, with what the maker of the report documents of them. */
  readonly exceptions: readonly { readonly id: string; readonly documented: Exception | null }[];
};

export type ReportFacts = {
  readonly type: typeof REPORT_TYPE;
  readonly parameters: Parameters;
  readonly hosts: readonly HostFacts[];
};

/**
 * Everything a report says, from verified bundles alone: of each host in the order of their numbers, chains in the order
 * in which they began. `controls` says which there are; one that no bundle speaks of is shown as unattested.
 */
export function reportFacts({
  entries,
  parameters,
  controls,
}: {
  entries: readonly Entry[];
  parameters: Parameters;
  controls: readonly Control[];
}): ReportFacts {
  const hosts = [...new Set(entries.map(({ host_id }) => host_id))].sort();
  return {
    type: REPORT_TYPE,
    parameters,
    hosts: hosts.map((host) =>
      hostFacts(inChainOrder(entries.filter(({ host_id }) => host_id === host)), {
        parameters,
        controls,
      }),
    ),
  };
}

/** Chains in the order in which they began, each by its numbers: the one order that a clock cannot change. */
function inChainOrder(entries: readonly Entry[]): Entry[] {
  const began = (of: readonly Entry[]) =>
    of.reduce((least, { ended }) => Math.min(least, ended), Infinity);
  return byChain(entries)
    .map((of) => of.sort((a, b) => a.sequence - b.sequence || compare(a.sha256, b.sha256)))
    .sort((a, b) => began(a) - began(b) || compare(a[0]?.chain_id, b[0]?.chain_id))
    .flat();
}

const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

function hostFacts(
  entries: readonly Entry[],
  { parameters, controls }: { parameters: Parameters; controls: readonly Control[] },
): HostFacts {
  const { profile, ntp_max_skew_ms: maxSkewMs } = parameters;
  const period = { from: Date.parse(parameters.from), to: Date.parse(parameters.to) };
  const interval = parameters.attestation_interval_sec * 1000;
  const within = entries.filter(({ ended }) => ended >= period.from && ended < period.to);
  const [{ host_id = '', site_id = '' } = {}] = entries;
  const named = new Set(
    within.flatMap(({ statements }) => statements.flatMap((s) => s.exceptions)),
  );
  const documented = parameters.exceptions.filter((one) => one.host_id === host_id);
  return {
    host_id,
    site_id,
    bundles: within.length,
    receipted: within.filter(({ received_at }) => received_at !== null).length,
    chains: extents(entries),
    keys: [...new Set(entries.map(({ key_id }) => key_id))].sort(),
    controls: controls.map(({ id, title, citations }) => {
      const segments = timelineOf(id, { entries, period, interval });
      const cited = crosswalk(citations, { profile });
      return { check: id, title, citations: cited, seconds: secondsOf(segments), segments };
    }),
    incidents: controls
      .flatMap(({ id }) => incidentsOf(id, { entries, period }))
      .sort((a, b) => compare(a.detected_at, b.detected_at) || compare(a.check, b.check)),
    silences: silencesOf(entries, { period, interval }),
    clock: clockTroubleOf(entries, { period, maxSkewMs }),
    pruned: joinRanges(entries.findLast(({ pruned }) => pruned.length > 0)?.pruned ?? []),
    exceptions: [...named].sort().map((id) => ({
      id,
      documented: documented.find(({ exception }) => exception.id === id)?.exception ?? null,
    })),
  };
}

function extents(entries: readonly Entry[]): Extent[] {
  return byChain(entries).map((of) => ({
    chain_id: of[0]?.chain_id ?? '',
    first: of[0]?.sequence ?? 1,
    last: of.at(-1)?.sequence ?? 1,
    bundles: of.length,
    head: of.at(-1)?.sha256 ?? '',
  }));
}

function byChain(entries: readonly Entry[]): Entry[][] {
  const chains = new Map<string, Entry[]>();
  for (const entry of entries) {
    const of = chains.get(entry.chain_id);
    if (of === undefined) chains.set(entry.chain_id, [entry]);
    else of.push(entry);
  }
  return [...chains.values()];
}
