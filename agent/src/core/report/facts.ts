import type { Exception } from '../../wire/baseline.ts';
import type { PrunedRange } from '../../wire/lineage.ts';
import { type Cited, crosswalk } from '../frameworks/index.ts';
import { joinRanges } from '../gaps.ts';
import type { Entry } from './entry.ts';
import { createIncidents, type Incident } from './incidents.ts';
import { type Control, type Extent, type Parameters, REPORT_TYPE } from './parameters.ts';
import { createStops, createTimeline, type Segment, type State, secondsOf } from './timeline.ts';
import { type ClockTrouble, createClockTrouble, createSilences, type Silence } from './trouble.ts';

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

/** Entries in order: hosts by name, their chains in the order in which they began, each by its numbers: the one order
 * that a clock cannot change. It may be gone through again. */
export type OrderedEntries = Iterable<Entry>;

/**
 * Everything a report says, from verified bundles alone. `controls` says which there are; one that no bundle speaks of is
 * shown as unattested. What is kept meanwhile grows with what is told, hardly with the number of bundles.
 */
export function reportFacts({
  entries,
  parameters,
  controls,
}: {
  entries: OrderedEntries;
  parameters: Parameters;
  controls: readonly Control[];
}): ReportFacts {
  const hosts: HostFacts[] = [];
  let open = null as { host_id: string; host: ReturnType<typeof createHost> } | null;
  for (const entry of entries) {
    if (open?.host_id !== entry.host_id) {
      if (open !== null) hosts.push(open.host.end());
      const { host_id, site_id } = entry;
      open = { host_id, host: createHost({ host_id, site_id }, { parameters, controls }) };
    }
    open.host.add(entry);
  }
  if (open !== null) hosts.push(open.host.end());
  return { type: REPORT_TYPE, parameters, hosts };
}

const compare = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

function createHost(
  { host_id, site_id }: Pick<HostFacts, 'host_id' | 'site_id'>,
  { parameters, controls }: { parameters: Parameters; controls: readonly Control[] },
): { add(entry: Entry): void; end(): HostFacts } {
  const { profile, ntp_max_skew_ms: maxSkewMs } = parameters;
  const period = { from: Date.parse(parameters.from), to: Date.parse(parameters.to) };
  const interval = parameters.attestation_interval_sec * 1000;
  const stops = createStops(period);
  const silences = createSilences({ period, interval });
  const clock = createClockTrouble({ period, maxSkewMs });
  const perControl = controls.map((control) => ({
    control,
    timeline: createTimeline(control.id, { period, interval }),
    incidents: createIncidents(control.id, period),
  }));
  const parts = [
    ...[stops, silences, clock],
    ...perControl.flatMap(({ timeline, incidents }) => [timeline, incidents]),
  ];
  const chains: { -readonly [K in keyof Extent]: Extent[K] }[] = [];
  const keys = new Set<string>();
  const named = new Set<string>();
  const count = { bundles: 0, receipted: 0 };
  let pruned: readonly PrunedRange[] = [];
  return {
    add(entry) {
      for (const part of parts) part.add(entry);
      extend(chains, entry);
      keys.add(entry.key_id);
      if (entry.pruned.length > 0) pruned = entry.pruned;
      if (entry.ended < period.from || entry.ended >= period.to) return;
      count.bundles += 1;
      if (entry.received_at !== null) count.receipted += 1;
      for (const { exceptions } of entry.statements) for (const id of exceptions) named.add(id);
    },
    end() {
      const down = stops.end();
      const documented = parameters.exceptions.filter((one) => one.host_id === host_id);
      return {
        ...{ host_id, site_id, ...count, chains, keys: [...keys].sort() },
        controls: perControl.map(({ control: { id, title, citations }, timeline }) => {
          const segments = timeline.end(down);
          const cited = crosswalk(citations, { profile });
          return { check: id, title, citations: cited, seconds: secondsOf(segments), segments };
        }),
        incidents: perControl
          .flatMap(({ incidents }) => incidents.end())
          .sort((a, b) => compare(a.detected_at, b.detected_at) || compare(a.check, b.check)),
        silences: silences.end(down),
        clock: clock.end(),
        pruned: joinRanges(pruned),
        exceptions: [...named].sort().map((id) => ({
          id,
          documented: documented.find(({ exception }) => exception.id === id)?.exception ?? null,
        })),
      };
    },
  };
}

function extend(
  chains: { -readonly [K in keyof Extent]: Extent[K] }[],
  { chain_id, sequence, sha256 }: Entry,
): void {
  const open = chains.at(-1);
  if (open?.chain_id !== chain_id) {
    chains.push({ chain_id, first: sequence, last: sequence, bundles: 1, head: sha256 });
    return;
  }
  open.last = sequence;
  open.bundles += 1;
  open.head = sha256;
}
