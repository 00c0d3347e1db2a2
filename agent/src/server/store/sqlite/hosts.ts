import type { Database } from 'better-sqlite3';
import type {
  Arrived,
  Chain,
  Enrolling,
  Host,
  HostKey,
  HostState,
  Place,
  Placed,
  Store,
} from '../store.ts';

type HostRow = {
  host_id: string;
  site_id: string;
  reseller_id: string | null;
  state: HostState;
  enrolled_at: string;
  changed_at: string;
};
type KeyRow = {
  key_id: string;
  public_key: Buffer;
  added_at: string;
  from_chain: string | null;
  from_sequence: number | null;
  until_chain: string | null;
  until_sequence: number | null;
  superseded_at: string | null;
  revoked: number;
};

type Hosts = Pick<Store, 'enrol' | 'enrolled' | 'hosts' | 'setHostState'> & {
  keysOf(hostId: string): HostKey[];
  /** Ends the key that signed `at` there, and lets its successor count from the next place on. */
  succeed(at: Arrived, successor: NonNullable<Placed['successor']>): void;
};

/** Hosts, their keys and how far their chains are held. */
export function hostsTable(database: Database): Hosts {
  const selectHost = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE host_id = ?');
  const selectHosts = database.prepare<[], HostRow>('SELECT * FROM hosts ORDER BY host_id');
  const selectKeys = database.prepare<[string], KeyRow>(
    'SELECT * FROM host_keys WHERE host_id = ? ORDER BY added_at DESC, rowid DESC',
  );
  const selectChains = database.prepare<
    [string],
    Chain & { headSequence: number; headSha256: string }
  >(`
    SELECT chain_id AS chainId, opened_at AS openedAt,
      head_sequence AS headSequence, head_sha256 AS headSha256,
      count(*) FILTER (WHERE fork = 0) AS bundles,
      coalesce(max(sequence) FILTER (WHERE fork = 0), 0) AS highest,
      count(*) FILTER (WHERE fork = 1) AS forks
    FROM chains JOIN evidence USING (host_id, chain_id)
    WHERE host_id = ? GROUP BY chain_id ORDER BY opened_at, chain_id`);
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

  const keysOf = (hostId: string) => selectKeys.all(hostId).map(toKey);
  const enrol = database.transaction(({ keyId, publicKey, replaceKey, ...host }: Enrolling) => {
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
    succeed(at, { keyId, publicKey }) {
      endKey.run(at.chainId, at.sequence, at.receivedAt, at.hostId, at.keyId);
      insertKey.run(at.hostId, keyId, publicKey, at.receivedAt, at.chainId, at.sequence);
    },
    enrol: async (entry) => enrol.immediate(entry),
    async enrolled(hostId) {
      const row = selectHost.get(hostId);
      return row === undefined ? null : { host: toHost(row), keys: keysOf(hostId) };
    },
    hosts: async () =>
      selectHosts.all().map((row) => ({
        host: toHost(row),
        chains: selectChains.all(row.host_id).map(({ headSequence, headSha256, ...chain }) => ({
          ...chain,
          head: { sequence: headSequence, sha256: headSha256 },
        })),
      })),
    setHostState: async ({ hostId, state, now }) =>
      updateState.run(state, now, hostId).changes === 1,
  };
}

function toHost(row: HostRow): Host {
  return {
    hostId: row.host_id,
    siteId: row.site_id,
    resellerId: row.reseller_id,
    state: row.state,
    enrolledAt: row.enrolled_at,
    changedAt: row.changed_at,
  };
}

function toKey(row: KeyRow): HostKey {
  const place = (chainId: string | null, sequence: number | null): Place | null =>
    chainId === null || sequence === null ? null : { chainId, sequence };
  return {
    keyId: row.key_id,
    publicKey: row.public_key,
    addedAt: row.added_at,
    from: place(row.from_chain, row.from_sequence),
    until: place(row.until_chain, row.until_sequence),
    supersededAt: row.superseded_at,
    revoked: row.revoked === 1,
  };
}
