import type { Database } from 'better-sqlite3';
import { EVERYTHING } from '../readers.ts';
import { type ChainRow, type HostRow, type KeyRow, summaries, toHost, toKey } from '../rows.ts';
import type { Arrived, Enrolled, Enrolling, HostKey, Placed, Store } from '../store.ts';
import { IN_SCOPE, type ScopeParameters, scopeOf } from './scope.ts';

/** Hosts that are kept in memory, a kilobyte each. */
const MAX_KEPT = 20_000;

type Hosts = Pick<Store, 'enrol' | 'enrolled' | 'hosts' | 'setHostState'> & {
  keysOf(hostId: string): readonly HostKey[];
  /** To be called where a transaction that had `succeed` in it was rolled back. */
  forget(): void;
  /** Ends the key that signed `at` there, and lets its successor count from the next place on. */
  succeed(at: Arrived, successor: NonNullable<Placed['successor']>): void;
};

/** Hosts, their keys and how far their chains are held. */
export function hostsTable(database: Database): Hosts {
  const selectHost = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE host_id = ?');
  const selectHosts = database.prepare<ScopeParameters, HostRow>(
    `SELECT * FROM hosts WHERE ${IN_SCOPE} ORDER BY host_id`,
  );
  const selectKeys = database.prepare<[string], KeyRow>(
    'SELECT * FROM host_keys WHERE host_id = ? ORDER BY added_at DESC, rowid DESC',
  );
  const selectChains = database.prepare<[], ChainRow>(
    'SELECT * FROM chains ORDER BY host_id, opened_at, chain_id',
  );
  const selectReader = database.prepare<[string], unknown>(
    'SELECT 1 FROM readers WHERE common_name = ?',
  );
  const selectHolder = database
    .prepare<[string, string], string>(`
      SELECT host_id FROM host_keys JOIN hosts USING (host_id)
      WHERE key_id = ? AND host_id <> ? AND state <> 'retired' LIMIT 1`)
    .pluck();
  const insertHost = database.prepare(`
    INSERT INTO hosts VALUES (@hostId, @siteId, @resellerId, 'active', @now, @now)
    ON CONFLICT (host_id) DO UPDATE SET site_id = excluded.site_id,
      reseller_id = excluded.reseller_id, state = excluded.state, changed_at = excluded.changed_at`);
  const insertKey = database.prepare(`
    INSERT INTO host_keys (host_id, key_id, public_key, added_at, from_chain, from_sequence)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const revokeKeys = database.prepare('UPDATE host_keys SET revoked = 1 WHERE host_id = ?');
  const endKey = database.prepare(`
    UPDATE host_keys SET until_chain = ?, until_sequence = ?, superseded_at = ?
    WHERE host_id = ? AND key_id = ? AND until_chain IS NULL`);
  const updateState = database.prepare(
    'UPDATE hosts SET state = ?, changed_at = ? WHERE host_id = ?',
  );

  // Every request asks who sends, and every bundle for the keys: what is kept here is what is stored, since each change
  // by another connection changes the version, and each of our own forgets.
  const dataVersion = database.prepare<[], number>('PRAGMA data_version').pluck();
  const kept = new Map<string, Enrolled>();
  let version: number | undefined;
  const forget = () => kept.clear();
  const find = (hostId: string): Enrolled | null => {
    const now = dataVersion.get();
    if (now !== version || kept.size >= MAX_KEPT) forget();
    version = now;
    const known = kept.get(hostId);
    if (known !== undefined) return known;
    const row = selectHost.get(hostId);
    if (row === undefined) return null;
    const found = { host: toHost(row), keys: selectKeys.all(hostId).map(toKey) };
    kept.set(hostId, found);
    return found;
  };
  const keysOf = (hostId: string) => find(hostId)?.keys ?? [];
  const enrol = database.transaction(({ keyId, publicKey, replaceKey, ...host }: Enrolling) => {
    if (selectReader.get(host.hostId) !== undefined) return 'reader';
    const keyOf = selectHolder.get(keyId, host.hostId);
    if (keyOf !== undefined) return { keyOf };
    const keys = keysOf(host.hostId);
    const known = keys.find((key) => key.keyId === keyId);
    const inForce = known !== undefined && known.until === null && !known.revoked;
    if (keys.length > 0 && !inForce) {
      // A key that once was superseded or revoked does not come back.
      if (known !== undefined || !replaceKey) return 'other_key';
      revokeKeys.run(host.hostId);
    }
    insertHost.run(host);
    insertKey.run(host.hostId, keyId, publicKey, host.now, null, null);
    return known === undefined ? 'enrolled' : 'known';
  });

  return {
    keysOf,
    forget,
    succeed(at, { keyId, publicKey }) {
      forget();
      endKey.run(at.chainId, at.sequence, at.receivedAt, at.hostId, at.keyId);
      insertKey.run(at.hostId, keyId, publicKey, at.receivedAt, at.chainId, at.sequence);
    },
    async enrol(entry) {
      try {
        return enrol.immediate(entry);
      } finally {
        forget();
      }
    },
    enrolled: async (hostId) => find(hostId),
    hosts: async (scope = EVERYTHING) =>
      summaries(selectHosts.all(scopeOf(scope)), selectChains.all()),
    async setHostState({ hostId, state, now }) {
      forget();
      return updateState.run(state, now, hostId).changes === 1;
    },
  };
}
