/**
 * Plain SQL, forward only: a database of version n has had the first n. The owner’s role applies them; the server’s own
 * role gets just the rights of `grants` and so can neither change nor remove evidence (45 CFR 164.312(c)(1), AU-9).
 *
 * `places` holds where each bundle stands, unpartitioned, so that the database itself refuses two bundles of one digest
 * or two at one place. `evidence` holds the bundles by month of arrival, so that six years of them stay manageable.
 */
const TABLES = `
CREATE TABLE hosts (
  host_id text PRIMARY KEY,
  site_id text NOT NULL,
  reseller_id text,
  state text NOT NULL CHECK (state IN ('active', 'revoked', 'retired')),
  enrolled_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL
);
CREATE TABLE host_keys (
  host_id text NOT NULL REFERENCES hosts,
  key_id text NOT NULL,
  public_key bytea NOT NULL CHECK (length(public_key) = 32),
  added bigint GENERATED ALWAYS AS IDENTITY,
  added_at timestamptz(3) NOT NULL,
  from_chain text, from_sequence bigint,
  until_chain text, until_sequence bigint, superseded_at timestamptz(3),
  revoked boolean NOT NULL DEFAULT false,
  PRIMARY KEY (host_id, key_id)
);
CREATE TABLE chains (
  host_id text NOT NULL REFERENCES hosts,
  chain_id text NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  head_sequence bigint NOT NULL,
  head_sha256 text NOT NULL,
  bundles bigint NOT NULL,
  highest bigint NOT NULL,
  forks bigint NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  gap_since timestamptz(3),
  forked_at timestamptz(3),
  PRIMARY KEY (host_id, chain_id)
);

CREATE TABLE places (
  host_id text NOT NULL REFERENCES hosts,
  sha256 text NOT NULL CHECK (length(sha256) = 64),
  chain_id text NOT NULL,
  sequence bigint NOT NULL CHECK (sequence >= 1),
  previous_digest text NOT NULL,
  fork boolean NOT NULL,
  received_at timestamptz(3) NOT NULL,
  PRIMARY KEY (host_id, sha256)
);
CREATE UNIQUE INDEX places_once ON places (host_id, chain_id, sequence) WHERE NOT fork;
CREATE INDEX places_in_order ON places (host_id, chain_id, sequence);

CREATE TABLE evidence (
  host_id text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  sha256 text NOT NULL,
  arrival bigint NOT NULL,
  bundle_id text NOT NULL,
  key_id text NOT NULL,
  check_id text NOT NULL,
  outcome text NOT NULL,
  order_id text,
  timestamp_end timestamptz(3) NOT NULL,
  bundle bytea NOT NULL,
  signature bytea NOT NULL CHECK (length(signature) = 64),
  receipt_payload bytea NOT NULL,
  receipt_signature bytea NOT NULL CHECK (length(receipt_signature) = 64),
  receipt_key_id text NOT NULL,
  PRIMARY KEY (host_id, received_at, sha256)
) PARTITION BY RANGE (received_at);
CREATE SEQUENCE arrivals;

CREATE TABLE log (log_id text PRIMARY KEY, turn bigint NOT NULL DEFAULT 0);
INSERT INTO log (log_id) VALUES (gen_random_uuid()::text);
CREATE TABLE log_pending (
  host_id text NOT NULL,
  received_at timestamptz(3) NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (host_id, received_at, sha256)
);
CREATE TABLE log_leaves (
  leaf_index bigint PRIMARY KEY,
  host_id text NOT NULL,
  sha256 text NOT NULL,
  UNIQUE (host_id, sha256)
);
CREATE TABLE log_nodes (
  level int NOT NULL,
  node_index bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, node_index)
);
CREATE TABLE checkpoints (
  size bigint PRIMARY KEY,
  payload bytea NOT NULL,
  signature bytea NOT NULL CHECK (length(signature) = 64),
  key_id text NOT NULL
);

CREATE TABLE orders (
  order_id text PRIMARY KEY,
  host_id text NOT NULL REFERENCES hosts,
  site_id text NOT NULL,
  request_id text NOT NULL,
  check_id text NOT NULL,
  runbook_id text NOT NULL,
  reason text NOT NULL,
  bundle_sha256 text,
  state text NOT NULL
    CHECK (state IN ('requested', 'approved', 'rejected', 'expired', 'done', 'failed')),
  requested_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL,
  sequence bigint,
  envelope text,
  expires_at timestamptz(3),
  UNIQUE (host_id, request_id),
  UNIQUE (host_id, sequence)
);
CREATE INDEX orders_open ON orders (state, host_id, requested_at);

-- Runs as the owner: the server's role makes partitions with it, and can do nothing else to the tables.
CREATE FUNCTION make_partitions() RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE month timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(7401913);
  FOR ahead IN -1..3 LOOP
    month := date_trunc('month', now()) + ahead * interval '1 month';
    IF to_regclass(format('evidence_%s', to_char(month, 'YYYY_MM'))) IS NULL THEN
      EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF evidence FOR VALUES FROM (%L) TO (%L)',
        'evidence_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    END IF;
  END LOOP;
END $$;
`;

/** Readers, and by their digests the one-time tokens and sessions of those without a certificate. */
const READERS = `
CREATE TABLE readers (
  name text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('operator', 'auditor')),
  resellers text,
  sites text,
  certificate_sha256 text UNIQUE,
  common_name text,
  state text NOT NULL CHECK (state IN ('active', 'revoked')),
  added_at timestamptz(3) NOT NULL,
  changed_at timestamptz(3) NOT NULL
);
CREATE TABLE reader_tokens (
  sha256 text PRIMARY KEY,
  name text NOT NULL REFERENCES readers,
  expires_at timestamptz(3) NOT NULL
);
CREATE TABLE reader_sessions (
  sha256 text PRIMARY KEY,
  name text NOT NULL REFERENCES readers,
  expires_at timestamptz(3) NOT NULL
);
`;

/**
 * What the viewer shows of the log, derived from its first `leaves` bundles: the newest word on each control, and the
 * hours of each day. Attestations are most of the evidence and no part of a timeline.
 */
const VIEWS = `
CREATE TABLE summary (leaves bigint NOT NULL);
INSERT INTO summary VALUES (0);
CREATE TABLE standings (
  host_id text NOT NULL REFERENCES hosts,
  check_id text NOT NULL,
  verdict text NOT NULL,
  severity text,
  rank int NOT NULL,
  since timestamptz(3) NOT NULL,
  said_at timestamptz(3) NOT NULL,
  sha256 text NOT NULL,
  PRIMARY KEY (host_id, check_id)
);
CREATE TABLE days (
  host_id text NOT NULL REFERENCES hosts,
  day text NOT NULL,
  hours text NOT NULL,
  PRIMARY KEY (host_id, day)
);
CREATE INDEX evidence_by_time ON evidence (host_id, timestamp_end, arrival, check_id, outcome)
  WHERE check_id <> 'attestation';
`;

/** What became of orders, by whom and when. */
const ORDER_EVENTS = `
CREATE TABLE order_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders,
  at timestamptz(3) NOT NULL,
  what text NOT NULL,
  by_kind text NOT NULL CHECK (by_kind IN ('reader', 'host', 'command', 'time')),
  by_name text
);
CREATE INDEX order_events_by_order ON order_events (order_id, id);
INSERT INTO order_events (order_id, at, what, by_kind, by_name)
  SELECT order_id, requested_at, 'requested', 'host', host_id FROM orders ORDER BY requested_at;
`;

/** The log takes what waits in its order, however much that is; whose a key is, is asked when a host is enrolled. */
const INDEXES = `
CREATE INDEX log_pending_in_order ON log_pending (received_at);
CREATE INDEX host_keys_by_id ON host_keys (key_id);
`;

export const MIGRATIONS = [TABLES, READERS, VIEWS, ORDER_EVENTS, INDEXES];

/** All that the server’s role may do. Given again at each start of the owner, so that a new role needs no migration. */
export const grants = (role: string): string => `
GRANT SELECT ON schema_versions TO ${role};
GRANT SELECT, INSERT ON places, evidence, log_leaves, log_nodes, checkpoints, order_events TO ${role};
GRANT SELECT ON log TO ${role};
GRANT UPDATE (turn) ON log TO ${role};
GRANT SELECT, INSERT, DELETE ON log_pending TO ${role};
GRANT SELECT, INSERT, UPDATE ON hosts, host_keys, chains, orders, readers TO ${role};
GRANT SELECT, INSERT, DELETE ON reader_tokens, reader_sessions TO ${role};
GRANT SELECT, UPDATE ON summary TO ${role};
GRANT SELECT, INSERT, UPDATE ON standings, days TO ${role};
GRANT USAGE ON SEQUENCE arrivals TO ${role};
REVOKE EXECUTE ON FUNCTION make_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partitions() TO ${role};
`;
