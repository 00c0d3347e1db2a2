import type { Database } from 'better-sqlite3';
import type { ReaderStore } from '../readers.ts';
import { type ReaderRow, toReader, toReaderEntry } from '../rows.ts';
import { scopeOf } from './scope.ts';

/** Who may look, and the tokens and sessions of those without a certificate. */
export function readersTable(database: Database): ReaderStore {
  const select = database.prepare<[string], ReaderRow>('SELECT * FROM readers WHERE name = ?');
  const selectAll = database.prepare<[], ReaderRow>('SELECT * FROM readers ORDER BY name');
  const selectByCertificate = database.prepare<[string], ReaderRow>(
    'SELECT * FROM readers WHERE certificate_sha256 = ?',
  );
  const selectBySession = database.prepare<[string, string], ReaderRow>(`
    SELECT readers.* FROM reader_sessions JOIN readers USING (name)
    WHERE sha256 = ? AND expires_at > ? AND state = 'active'`);
  const selectHost = database.prepare<[string | null], unknown>(
    'SELECT 1 FROM hosts WHERE host_id = ?',
  );
  const upsert = database.prepare(`
    INSERT INTO readers VALUES (@name, @role, @resellers, @sites, @sha256, @commonName,
      'active', @now, @now)
    ON CONFLICT (name) DO UPDATE SET role = excluded.role, resellers = excluded.resellers,
      sites = excluded.sites, certificate_sha256 = excluded.certificate_sha256,
      common_name = excluded.common_name, state = 'active', changed_at = excluded.changed_at`);
  const revoke = database.prepare(`
    UPDATE readers SET state = 'revoked', changed_at = ? WHERE name = ? AND state = 'active'`);
  const insertToken = database.prepare('INSERT INTO reader_tokens VALUES (?, ?, ?)');
  const insertSession = database.prepare('INSERT INTO reader_sessions VALUES (?, ?, ?)');
  const spendToken = database.prepare<[string, string], { name: string }>(
    'DELETE FROM reader_tokens WHERE sha256 = ? AND expires_at > ? RETURNING name',
  );
  const deleteSession = database.prepare('DELETE FROM reader_sessions WHERE sha256 = ?');
  const forget = ['reader_tokens', 'reader_sessions'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE name = ? OR expires_at <= ?`),
  );

  const active = (row: ReaderRow | undefined) => (row?.state === 'active' ? toReader(row) : null);

  const add = database.transaction(
    ({ certificate, resellers, sites, ...entry }: Parameters<ReaderStore['addReader']>[0]) => {
      const sha256 = certificate?.sha256 ?? null;
      const commonName = certificate?.commonName ?? null;
      if (selectHost.get(commonName) !== undefined) return 'certificate_of_host';
      const holder = sha256 === null ? undefined : selectByCertificate.get(sha256);
      if (holder !== undefined && holder.name !== entry.name) return 'certificate_of_reader';
      const known = select.get(entry.name) !== undefined;
      upsert.run({ ...entry, ...scopeOf({ resellers, sites }), sha256, commonName });
      return known ? 'changed' : 'added';
    },
  );
  const end = database.transaction(({ name, now }: { name: string; now: string }) => {
    for (const statement of forget) statement.run(name, now);
    return revoke.run(now, name).changes === 1;
  });
  const give = database.transaction((token: Parameters<ReaderStore['giveToken']>[0]) => {
    const { name, sha256, expiresAt, now } = token;
    for (const statement of forget) statement.run(null, now);
    if (active(select.get(name)) === null) return false;
    insertToken.run(sha256, name, expiresAt);
    return true;
  });
  const open = database.transaction((session: Parameters<ReaderStore['openSession']>[0]) => {
    const { tokenSha256, sha256, expiresAt, now } = session;
    const token = spendToken.get(tokenSha256, now);
    const reader = token === undefined ? null : active(select.get(token.name));
    if (reader !== null) insertSession.run(sha256, reader.name, expiresAt);
    return reader;
  });

  return {
    addReader: async (entry) => add.immediate(entry),
    readers: async () => selectAll.all().map(toReaderEntry),
    revokeReader: async (change) => end.immediate(change),
    giveToken: async (token) => give.immediate(token),
    openSession: async (session) => open.immediate(session),
    async endSession(sha256) {
      deleteSession.run(sha256);
    },
    readerOfSession: async (sha256, now) => active(selectBySession.get(sha256, now)),
    readerOfCertificate: async (sha256) => active(selectByCertificate.get(sha256)),
  };
}
