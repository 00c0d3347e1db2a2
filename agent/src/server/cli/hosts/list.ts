import { tableText } from '../../../terminal/table.ts';
import type { Chain, HostSummary } from '../../store/store.ts';
import type { ConfigOption } from '../config-option.ts';
import { printJson } from '../json-file.ts';
import { withStore } from '../with-store.ts';

export async function listHosts({
  json = false,
  ...options
}: ConfigOption & { json?: boolean }): Promise<void> {
  const hosts = await withStore(options, (store) => store.hosts());
  if (json) return printJson(hosts.map(plain));
  const head = ['HOST', 'SITE', 'RESELLER', 'STATE', 'BUNDLES', 'MISSING', 'FORKS', 'CHAINS'];
  const rows = hosts.map(({ host, chains }) => [
    host.hostId,
    host.siteId,
    host.resellerId ?? '-',
    host.state,
    String(sum(chains, ({ bundles }) => bundles)),
    String(sum(chains, missing)),
    String(sum(chains, ({ forks }) => forks)),
    String(chains.length),
  ]);
  console.log(tableText(head, rows));
}

/** Bundles that a later one of the same chain shows to be missing. */
const missing = ({ highest, bundles }: Chain): number => highest - bundles;

const sum = (chains: readonly Chain[], of: (chain: Chain) => number): number =>
  chains.reduce((total, chain) => total + of(chain), 0);

function plain({ host, chains }: HostSummary) {
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
  };
}
