-- The index of evidence as the first version of the program made it (user_version 1): what is in the field stays so.
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
PRAGMA user_version = 1;
