import Database from 'better-sqlite3';
import { InputError } from '../../wire/input.ts';

export type Db = Database.Database;

/**
 * Forward migrations: number N takes a database from `user_version` N to N + 1. A released one is never edited.
 * `position` is the order of writing across chains. Times are milliseconds since the epoch, except `due_ms`, which
 * counts from the boot that `boot_id` names, so that no change of the clock delays an upload.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE bundle (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    bundle_id TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL UNIQUE,
    chain_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    previous_digest TEXT NOT NULL,
    key_id TEXT NOT NULL,
    check_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    order_id TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    receipted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (chain_id, sequence)
  ) STRICT;
  CREATE INDEX bundle_by_time ON bundle (ended_at);
  CREATE INDEX bundle_not_receipted ON bundle (position) WHERE receipted = 0;
  CREATE INDEX bundle_by_check ON bundle (check_id);
  CREATE INDEX bundle_by_check_and_outcome ON bundle (check_id, outcome);
  CREATE INDEX bundle_by_outcome ON bundle (outcome);
  CREATE INDEX bundle_by_order ON bundle (order_id) WHERE order_id IS NOT NULL;

  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    chain_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    digest TEXT NOT NULL,
    key_id TEXT NOT NULL
  ) STRICT;

  CREATE TABLE folder (day TEXT PRIMARY KEY, mtime_ns TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE pruned (
    chain_id TEXT NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    preceding_digest TEXT NOT NULL,
    last_digest TEXT NOT NULL,
    PRIMARY KEY (chain_id, first_sequence)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE queue (
    position INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    failure TEXT
  ) STRICT;
  CREATE INDEX queue_by_due ON queue (due_ms, position);

  CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO tally VALUES ('uploaded', 0), ('pruned', 0);
  `,
  `
  CREATE TABLE outbox (
    channel TEXT NOT NULL,
    position INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_ms INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    failure TEXT,
    PRIMARY KEY (channel, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_by_due ON outbox (channel, due_ms);
  `,
  // What \`evidence list\` and \`stats\` would else have to count: rows by check and outcome, and which positions a day
  // (of 86,400,000 ms since the epoch) has. Positions stay after a prune; they are bounds.
  `
  CREATE TABLE statistic (
    check_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    bundles INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    receipted INTEGER NOT NULL,
    PRIMARY KEY (check_id, outcome)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO statistic
    SELECT check_id, outcome, count(*), sum(size), sum(receipted) FROM bundle GROUP BY check_id, outcome;
  CREATE TABLE day (number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL) STRICT;
  INSERT INTO day
    SELECT ended_at / 86400000, min(position), max(position) FROM bundle GROUP BY ended_at / 86400000;
  CREATE TRIGGER bundle_counted AFTER INSERT ON bundle BEGIN
    INSERT INTO statistic VALUES (new.check_id, new.outcome, 1, new.size, new.receipted)
      ON CONFLICT DO UPDATE SET bundles = bundles + 1, bytes = bytes + new.size, receipted = receipted + new.receipted;
    INSERT INTO day VALUES (new.ended_at / 86400000, new.position, new.position)
      ON CONFLICT DO UPDATE SET first = min(first, new.position), last = max(last, new.position);
  END;
  CREATE TRIGGER bundle_uncounted AFTER DELETE ON bundle BEGIN
    UPDATE statistic SET bundles = bundles - 1, bytes = bytes - old.size, receipted = receipted - old.receipted
      WHERE check_id = old.check_id AND outcome = old.outcome;
  END;
  CREATE TRIGGER bundle_receipted AFTER UPDATE OF receipted ON bundle BEGIN
    UPDATE statistic SET receipted = receipted + new.receipted - old.receipted
      WHERE check_id = new.check_id AND outcome = new.outcome;
  END;
  `,
  // Receipts whose files may not be on the disk yet (effects/queue/receipts.ts).
  'CREATE TABLE receipt (position INTEGER PRIMARY KEY, payload BLOB NOT NULL, signature BLOB NOT NULL) STRICT;',
  // Bundles whose files may not be on the disk yet (unsynced.ts).
  'CREATE TABLE unsynced (position INTEGER PRIMARY KEY, bytes BLOB NOT NULL, signature TEXT NOT NULL) STRICT;',
];
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Opens the index for its one writer: WAL, every commit on the disk before it returns, schema brought up to date. */
export function openDatabase(file: string): Db {
  const db = new Database(file, { timeout: 5000 });
  try {
    refuseNewer(db, file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens the index to read beside the writer. */
export function openDatabaseReadOnly(file: string): Db {
  const db = new Database(file, { timeout: 5000, readonly: true, fileMustExist: true });
  try {
    refuseNewer(db, file);
    refuseOlder(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function version(db: Db): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function refuseNewer(db: Db, file: string): void {
  const found = version(db);
  if (found <= SCHEMA_VERSION) return;
  throw new InputError(file, [
    {
      field: 'user_version',
      found: `${found}, of a newer version of this program`,
      expected: `expected at most ${SCHEMA_VERSION}: install the newer version again`,
    },
  ]);
}

/** Whoever only reads cannot bring the schema up to date. */
function refuseOlder(db: Db, file: string): void {
  const found = version(db);
  if (found >= SCHEMA_VERSION) return;
  throw new InputError(file, [
    {
      field: 'user_version',
      found: `${found}, of an older version of this program`,
      expected: `expected ${SCHEMA_VERSION}: the agent’s next start brings it there; for a copy use \`evidence reindex\``,
    },
  ]);
}

function migrate(db: Db): void {
  const step = db.transaction(() => {
    for (const statements of MIGRATIONS.slice(version(db))) {
      db.exec(statements);
      db.pragma(`user_version = ${version(db) + 1}`);
    }
  });
  step.immediate();
}
