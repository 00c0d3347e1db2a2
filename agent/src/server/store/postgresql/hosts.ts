import type { TransactionSql } from 'postgres';
import { createGroup, type Settled } from '../group.ts';
import { EVERYTHING } from '../readers.ts';
import { type ChainRow, type HostRow, type KeyRow, summaries, toHost, toKey } from '../rows.ts';
import type { Arrived, Enrolled, Placed, Store } from '../store.ts';
import type { Sql } from './connect.ts';
import { inScope } from './scope.ts';

type Hosts = Pick<Store, 'enrol' | 'enrolled' | 'hosts' | 'setHostState'> & {
  /** Ends the key that signed `at` there, and lets its successor count from the next place on. */
  succeed(
    tx: TransactionSql,
    at: Arrived,
    successor: NonNullable<Placed['successor']>,
  ): Promise<void>;
};

/** Hosts, their keys and how far their chains are held. */
export function hostTables(sql: Sql): Hosts {
  // Asked by every request: those that come together are one question. Each is asked after its request came.
  const enrolled = createGroup<string, Enrolled | null>({
    limit: 256,
    run: async (asked) => {
      const [hosts, keys] = await Promise.all([
        sql<HostRow[]>`SELECT * FROM hosts WHERE host_id = ANY (${[...asked]}::text[])`,
        sql<KeyRow[]>`
          SELECT * FROM host_keys WHERE host_id = ANY (${[...asked]}::text[]) ORDER BY added DESC`,
      ]);
      return asked.map((hostId): Settled<Enrolled | null> => {
        const row = hosts.find(({ host_id }) => host_id === hostId);
        const own = keys.filter(({ host_id }) => host_id === hostId).map(toKey);
        const value = row === undefined ? null : { host: toHost(row), keys: own };
        return { status: 'fulfilled', value };
      });
    },
  });

  return {
    enrolled,
    async succeed(tx, { hostId, chainId, sequence, receivedAt, keyId: old }, { keyId, publicKey }) {
      await tx`
        UPDATE host_keys SET until_chain = ${chainId}, until_sequence = ${sequence},
          superseded_at = ${receivedAt}
        WHERE host_id = ${hostId} AND key_id = ${old} AND until_chain IS NULL`;
      await tx`
        INSERT INTO host_keys (host_id, key_id, public_key, added_at, from_chain, from_sequence)
        VALUES (${hostId}, ${keyId}, ${Buffer.from(publicKey)}, ${receivedAt}, ${chainId}, ${sequence})
        ON CONFLICT DO NOTHING`;
    },
    enrol: ({ keyId, publicKey, replaceKey, now, ...host }) =>
      sql.begin(async (tx) => {
        await tx`SELECT 1 FROM hosts WHERE host_id = ${host.hostId} FOR NO KEY UPDATE`;
        const [reader] = await tx`SELECT 1 FROM readers WHERE common_name = ${host.hostId}`;
        if (reader !== undefined) return 'reader' as const;
        await tx`SELECT pg_advisory_xact_lock(hashtextextended(${keyId}, 0))`; // one enrolment of a key at a time
        const [holder] = await tx<{ host_id: string }[]>`
          SELECT host_id FROM host_keys JOIN hosts USING (host_id)
          WHERE key_id = ${keyId} AND host_id <> ${host.hostId} AND state <> 'retired' LIMIT 1`;
        if (holder !== undefined) return { keyOf: holder.host_id };
        const keys = (
          await tx<KeyRow[]>`SELECT * FROM host_keys WHERE host_id = ${host.hostId}`
        ).map(toKey);
        const known = keys.find((key) => key.keyId === keyId);
        const inForce = known !== undefined && known.until === null && !known.revoked;
        if (keys.length > 0 && !inForce) {
          // A key that once was superseded or revoked does not come back.
          if (known !== undefined || !replaceKey) return 'other_key' as const;
          await tx`UPDATE host_keys SET revoked = true WHERE host_id = ${host.hostId}`;
        }
        await tx`
          INSERT INTO hosts
          VALUES (${host.hostId}, ${host.siteId}, ${host.resellerId}, 'active', ${now}, ${now})
          ON CONFLICT (host_id) DO UPDATE SET site_id = excluded.site_id,
            reseller_id = excluded.reseller_id, state = excluded.state,
            changed_at = excluded.changed_at`;
        await tx`
          INSERT INTO host_keys (host_id, key_id, public_key, added_at)
          VALUES (${host.hostId}, ${keyId}, ${Buffer.from(publicKey)}, ${now})
          ON CONFLICT DO NOTHING`;
        return known === undefined ? ('enrolled' as const) : ('known' as const);
      }),
    async hosts(scope = EVERYTHING) {
      const [hosts, chains] = await Promise.all([
        sql<HostRow[]>`SELECT * FROM hosts WHERE ${inScope(sql, scope)} ORDER BY host_id`,
        sql<ChainRow[]>`SELECT * FROM chains ORDER BY host_id, opened_at, chain_id`,
      ]);
      return summaries(hosts, chains);
    },
    async setHostState({ hostId, state, now }) {
      const { count } = await sql`
        UPDATE hosts SET state = ${state}, changed_at = ${now} WHERE host_id = ${hostId}`;
      return count === 1;
    },
  };
}
