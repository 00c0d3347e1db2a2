/**
 * Evidence is insert-only: triggers refuse every update and delete, whoever asks (45 CFR 164.312(c)(1), AU-9).
 * `chains` is derived from it and only spares counting.
 */
const TABLES = `
CREATE TABLE hosts (
  host_id TEXT PRIMARY KEY,
  site_id TEXT NOT NULL,
  reseller_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'retired')),
  enrolled_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE host_keys (
  host_id TEXT NOT NULL REFERENCES hosts,
  key_id TEXT NOT NULL,
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  added_at TEXT NOT NULL,
  from_chain TEXT, from_sequence INTEGER,
  until_chain TEXT, until_sequence INTEGER, superseded_at TEXT,
  revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)),
  PRIMARY KEY (host_id, key_id)
) STRICT;

CREATE TABLE chains (
  host_id TEXT NOT NULL REFERENCES hosts,
  chain_id TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  head_sequence INTEGER NOT NULL,
  head_sha256 TEXT NOT NULL,
  PRIMARY KEY (host_id, chain_id)
) STRICT;

CREATE TABLE evidence (
  arrival INTEGER PRIMARY KEY AUTOINCREMENT,
  host_id TEXT NOT NULL REFERENCES hosts,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  chain_id TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 1),
  previous_digest TEXT NOT NULL,
  fork INTEGER NOT NULL CHECK (fork IN (0, 1)),
  bundle_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  check_id TEXT NOT NULL,
  outcome TEXT NOT NULL,
  order_id TEXT,
  timestamp_end TEXT NOT NULL,
  received_at TEXT NOT NULL,
  bundle BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  receipt_payload BLOB NOT NULL,
  receipt_signature BLOB NOT NULL CHECK (length(receipt_signature) = 64),
  receipt_key_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX evidence_by_digest ON evidence (host_id, sha256);
CREATE UNIQUE INDEX evidence_by_place ON evidence (host_id, chain_id, sequence) WHERE fork = 0;
CREATE INDEX evidence_in_order ON evidence (host_id, chain_id, sequence, arrival);
CREATE TRIGGER evidence_never_changes BEFORE UPDATE ON evidence
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
CREATE TRIGGER evidence_never_goes BEFORE DELETE ON evidence
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER evidence_is_never_replaced BEFORE INSERT ON evidence WHEN EXISTS (
    SELECT 1 FROM evidence WHERE arrival = NEW.arrival
    UNION ALL SELECT 1 FROM evidence WHERE host_id = NEW.host_id AND sha256 = NEW.sha256
    UNION ALL SELECT 1 FROM evidence WHERE fork = 0 AND NEW.fork = 0
      AND host_id = NEW.host_id AND chain_id = NEW.chain_id AND sequence = NEW.sequence)
  BEGIN SELECT RAISE(ABORT, 'evidence is insert-only'); END;

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  host_id TEXT NOT NULL REFERENCES hosts,
  site_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  check_id TEXT NOT NULL,
  runbook_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  bundle_sha256 TEXT,
  state TEXT NOT NULL
    CHECK (state IN ('requested', 'approved', 'rejected', 'expired', 'done', 'failed')),
  requested_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  sequence INTEGER,
  envelope TEXT,
  expires_at TEXT,
  UNIQUE (host_id, request_id),
  UNIQUE (host_id, sequence)
) STRICT;
CREATE INDEX orders_open ON orders (state, host_id, requested_at);
`;

/**
 * The Merkle log (RFC 6962): leaves in the order in which bundles were kept, every complete subtree once, and each
 * tree that was signed. The hash of a leaf is the node at level 0.
 */
const LOG = `
ALTER TABLE chains ADD COLUMN bundles INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN highest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN forks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN last_received_at TEXT NOT NULL DEFAULT '';
ALTER TABLE chains ADD COLUMN gap_since TEXT;
ALTER TABLE chains ADD COLUMN forked_at TEXT;
UPDATE chains SET (bundles, highest, forks, last_received_at, gap_since, forked_at) = (
  SELECT count(*) FILTER (WHERE fork = 0), coalesce(max(sequence) FILTER (WHERE fork = 0), 0),
    count(*) FILTER (WHERE fork = 1), max(received_at),
    min(received_at) FILTER (WHERE fork = 0 AND sequence > chains.head_sequence),
    max(received_at) FILTER (WHERE fork = 1)
  FROM evidence WHERE evidence.host_id = chains.host_id AND evidence.chain_id = chains.chain_id);

CREATE TABLE log (log_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE log_leaves (
  leaf_index INTEGER PRIMARY KEY,
  arrival INTEGER NOT NULL UNIQUE REFERENCES evidence
) STRICT;
CREATE TABLE log_nodes (
  level INTEGER NOT NULL,
  node_index INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  payload BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  key_id TEXT NOT NULL
) STRICT;
${['log', 'log_leaves', 'log_nodes', 'checkpoints'].map(insertOnly).join('')}`;

function insertOnly(table: string): string {
  return `
CREATE TRIGGER ${table}_never_changes BEFORE UPDATE ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} is insert-only'); END;
CREATE TRIGGER ${table}_never_goes BEFORE DELETE ON ${table}
  BEGIN SELECT RAISE(ABORT, '${table} is insert-only'); END;`;
}

/** Readers, and by their digests the one-time tokens and sessions of those without a certificate. */
const READERS = `
CREATE TABLE readers (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('operator', 'auditor')),
  resellers TEXT, sites TEXT,
  certificate_sha256 TEXT UNIQUE,
  common_name TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  added_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;
CREATE TABLE reader_tokens (
  sha256 TEXT PRIMARY KEY,
  name TEXT NOT NULL REFERENCES readers,
  expires_at TEXT NOT NULL
) STRICT;
CREATE TABLE reader_sessions (
  sha256 TEXT PRIMARY KEY,
  name TEXT NOT NULL REFERENCES readers,
  expires_at TEXT NOT NULL
) STRICT;
`;

/**
 * What the viewer shows of the log, derived from its first `leaves` bundles: the newest word on each control, and the
 * hours of each day. Attestations are most of the evidence and no part of a timeline.
 */
const VIEWS = `
CREATE TABLE summary (leaves INTEGER NOT NULL) STRICT;
INSERT INTO summary VALUES (0);
CREATE TABLE standings (
  host_id TEXT NOT NULL REFERENCES hosts,
  check_id TEXT NOT NULL,
  verdict TEXT NOT NULL,
  severity TEXT,
  rank INTEGER NOT NULL,
  since TEXT NOT NULL,
  said_at TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (host_id, check_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE days (
  host_id TEXT NOT NULL REFERENCES hosts,
  day TEXT NOT NULL,
  hours TEXT NOT NULL,
  PRIMARY KEY (host_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_time ON evidence (host_id, timestamp_end, arrival, check_id, outcome)
  WHERE check_id <> 'attestation';
`;

/** What became of orders, by whom and when. */
const ORDER_EVENTS = `
CREATE TABLE order_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id TEXT NOT NULL REFERENCES orders,
  at TEXT NOT NULL,
  what TEXT NOT NULL,
  by_kind TEXT NOT NULL CHECK (by_kind IN ('reader', 'host', 'command', 'time')),
  by_name TEXT
) STRICT;
CREATE INDEX order_events_by_order ON order_events (order_id, id);
INSERT INTO order_events (order_id, at, what, by_kind, by_name)
  SELECT order_id, requested_at, 'requested', 'host', host_id FROM orders ORDER BY requested_at;
${insertOnly('order_events')}`;

/**
 * One index where two had the same columns, since every index is a page more to write for each bundle: a place is taken
 * once by what is no fork, and forks stand beside it by their arrival.
 */
const ONE_INDEX_OF_PLACES = `
DROP INDEX evidence_by_place;
DROP INDEX evidence_in_order;
CREATE UNIQUE INDEX evidence_by_place
  ON evidence (host_id, chain_id, sequence, iif(fork = 1, arrival, 0));
`;

/** Whose a key is, is asked when a host is enrolled. */
const KEYS_BY_ID = 'CREATE INDEX host_keys_by_id ON host_keys (key_id);';

/** Forward only: a database of `user_version` n has had the first n. */
export const MIGRATIONS = [
  TABLES,
  LOG,
  READERS,
  VIEWS,
  ORDER_EVENTS,
  ONE_INDEX_OF_PLACES,
  KEYS_BY_ID,
];
