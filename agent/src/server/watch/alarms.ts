import type { HostSummary } from '../store/store.ts';

/** `silent`: nothing came; `gap`: a bundle is missing before a later one; `fork`: two bundles claim one place. */
export type Alarm = {
  readonly hostId: string;
  readonly kind: 'silent' | 'gap' | 'fork';
  /** The chain that it is about; null of the whole host. */
  readonly chainId: string | null;
  readonly since: string;
};

/** Bundles may be late, and in any order: silence and gaps are alarms only after so many attestation intervals. */
const PATIENCE = 2;

/**
 * What is wrong with the chains of a host (DESIGN 7). A fork is an alarm at once, until the host has begun a new chain,
 * which is what an agent does when it is told. Only active hosts have alarms: retiring or revoking one ends them.
 */
export function alarmsOf(
  { host, chains }: HostSummary,
  { now, interval }: { now: Date /** Seconds between attestations. */; interval: number },
): Alarm[] {
  if (host.state !== 'active') return [];
  const { hostId } = host;
  const limit = new Date(now.getTime() - PATIENCE * interval * 1000).toISOString();
  const opened = chains.map(({ openedAt }) => openedAt);
  const alarms: Alarm[] = [];
  const last = chains.reduce((newest, { lastReceivedAt }) => later(newest, lastReceivedAt), '');
  const heard = later(last, host.changedAt);
  if (heard < limit) alarms.push({ hostId, kind: 'silent', chainId: null, since: heard });
  for (const { chainId, gapSince, forkedAt } of chains) {
    if (gapSince !== null && gapSince < limit) {
      alarms.push({ hostId, kind: 'gap', chainId, since: gapSince });
    }
    if (forkedAt !== null && !opened.some((time) => time > forkedAt)) {
      alarms.push({ hostId, kind: 'fork', chainId, since: forkedAt });
    }
  }
  return alarms;
}

const later = (one: string, other: string): string => (one > other ? one : other);
