import { tableText } from '../../../terminal/table.ts';
import type { Chain, HostSummary } from '../../store/store.ts';
import { type Alarm, alarmsOf } from '../../watch/alarms.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function listHosts({
  json = false,
  ...options
}: ConfigOption & { json?: boolean }): Promise<void> {
  const { hosts, interval } = await withStore(options, async (store, settings) => ({
    hosts: await store.hosts(),
    interval: settings.attestation_interval,
  }));
  const now = new Date();
  const listed = hosts.map((summary) => ({
    summary,
    alarms: alarmsOf(summary, { now, interval }),
  }));
  if (json) return printJson(listed.map(plain));
  const rows = listed.map(({ summary: { host, chains }, alarms }) => [
    host.hostId,
    host.siteId,
    host.resellerId ?? '-',
    host.state,
    String(sum(chains, ({ bundles }) => bundles)),
    String(sum(chains, missing)),
    String(sum(chains, ({ forks }) => forks)),
    String(chains.length),
    [...new Set(alarms.map(({ kind }) => kind))].join(', ') || '-',
  ]);
  console.log(tableText(HEAD, rows));
}

const HEAD = [
  'HOST',
  'SITE',
  'RESELLER',
  'STATE',
  'BUNDLES',
  'MISSING',
  'FORKS',
  'CHAINS',
  'ALARM',
];

/** Bundles that a later one of the same chain shows to be missing. */
const missing = ({ highest, bundles }: Chain): number => highest - bundles;

const sum = (chains: readonly Chain[], of: (chain: Chain) => number): number =>
  chains.reduce((total, chain) => total + of(chain), 0);

function plain({
  summary: { host, chains },
  alarms,
}: {
  summary: HostSummary;
  alarms: readonly Alarm[];
}) {
  return {
    host_id: host.hostId,
    site_id: host.siteId,
    reseller_id: host.resellerId,
    state: host.state,
    enrolled_at: host.enrolledAt,
    changed_at: host.changedAt,
    chains: chains.map((chain) => ({
      chain_id: chain.chainId,
      opened_at: chain.openedAt,
      head: { sequence: chain.head.sequence, bundle_sha256: chain.head.sha256 },
      bundles: chain.bundles,
      missing: missing(chain),
      forks: chain.forks,
    })),
    alarms: alarms.map(({ kind, chainId, since }) => ({ kind, chain_id: chainId, since })),
  };
}
