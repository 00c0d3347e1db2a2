import type { ReaderStore } from '../readers.ts';
import { type ReaderRow, toReader, toReaderEntry } from '../rows.ts';
import type { Sql } from './connect.ts';

/** Who may look, and the tokens and sessions of those without a certificate. */
export function readerTables(sql: Sql): ReaderStore {
  const active = ([row]: readonly ReaderRow[]) => (row?.state === 'active' ? toReader(row) : null);
  const jsonOf = (names: readonly string[] | null) =>
    names === null ? null : JSON.stringify(names);

  return {
    addReader: ({ name, role, resellers, sites, certificate, now }) =>
      sql.begin(async (tx) => {
        const sha256 = certificate?.sha256 ?? null;
        const commonName = certificate?.commonName ?? null;
        const [host] = await tx`SELECT 1 FROM hosts WHERE host_id = ${commonName}`;
        if (host !== undefined) return 'certificate_of_host' as const;
        const [holder] = await tx`
          SELECT 1 FROM readers WHERE certificate_sha256 = ${sha256} AND name <> ${name}`;
        if (holder !== undefined) return 'certificate_of_reader' as const;
        const [known] = await tx`SELECT 1 FROM readers WHERE name = ${name}`;
        await tx`
          INSERT INTO readers VALUES (${name}, ${role}, ${jsonOf(resellers)}, ${jsonOf(sites)},
            ${sha256}, ${commonName}, 'active', ${now}, ${now})
          ON CONFLICT (name) DO UPDATE SET role = excluded.role, resellers = excluded.resellers,
            sites = excluded.sites, certificate_sha256 = excluded.certificate_sha256,
            common_name = excluded.common_name, state = 'active', changed_at = excluded.changed_at`;
        return known === undefined ? ('added' as const) : ('changed' as const);
      }),
    readers: async () =>
      (await sql<ReaderRow[]>`SELECT * FROM readers ORDER BY name`).map(toReaderEntry),
    revokeReader: ({ name, now }) =>
      sql.begin(async (tx) => {
        await tx`DELETE FROM reader_tokens WHERE name = ${name} OR expires_at <= ${now}`;
        await tx`DELETE FROM reader_sessions WHERE name = ${name} OR expires_at <= ${now}`;
        const { count } = await tx`
          UPDATE readers SET state = 'revoked', changed_at = ${now}
          WHERE name = ${name} AND state = 'active'`;
        return count === 1;
      }),
    giveToken: ({ name, sha256, expiresAt, now }) =>
      sql.begin(async (tx) => {
        await tx`DELETE FROM reader_tokens WHERE expires_at <= ${now}`;
        await tx`DELETE FROM reader_sessions WHERE expires_at <= ${now}`;
        const { count } = await tx`
          INSERT INTO reader_tokens
          SELECT ${sha256}, name, ${expiresAt} FROM readers
          WHERE name = ${name} AND state = 'active'`;
        return count === 1;
      }),
    openSession: ({ tokenSha256, sha256, expiresAt, now }) =>
      sql.begin(async (tx) => {
        const [token] = await tx<{ name: string }[]>`
          DELETE FROM reader_tokens WHERE sha256 = ${tokenSha256} AND expires_at > ${now}
          RETURNING name`;
        if (token === undefined) return null;
        const reader = active(
          await tx<ReaderRow[]>`SELECT * FROM readers WHERE name = ${token.name} FOR SHARE`,
        );
        if (reader !== null) {
          await tx`INSERT INTO reader_sessions VALUES (${sha256}, ${reader.name}, ${expiresAt})`;
        }
        return reader;
      }),
    async endSession(sha256) {
      await sql`DELETE FROM reader_sessions WHERE sha256 = ${sha256}`;
    },
    readerOfSession: async (sha256, now) =>
      active(
        await sql<ReaderRow[]>`
          SELECT readers.* FROM reader_sessions JOIN readers USING (name)
          WHERE sha256 = ${sha256} AND expires_at > ${now}`,
      ),
    readerOfCertificate: async (sha256) =>
      active(await sql<ReaderRow[]>`SELECT * FROM readers WHERE certificate_sha256 = ${sha256}`),
  };
}
