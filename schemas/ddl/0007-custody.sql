-- Legal hold: what a case needs is copied out of reach of purges and of every count. Served: one hold's events and messages.
-- One row an act: a hold is added (again, when it grows) or lifted; its state is the latest.
CREATE TABLE IF NOT EXISTS audit.hold (
  hold LowCardinality(String),
  at DateTime64(3, 'UTC'),
  act LowCardinality(String),
  reason String,
  selection String,
  events UInt64,
  records UInt64,
  audit String
) ENGINE = MergeTree
ORDER BY (hold, at)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Events under hold, as they were; the columns of audit.event after the first two.
CREATE TABLE IF NOT EXISTS audit.held (
  hold LowCardinality(String),
  held_at DateTime64(3, 'UTC'),
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64 CODEC(Delta, ZSTD(1)),
  sub UInt16,
  block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String),
  site LowCardinality(String),
  establishment LowCardinality(String),
  decoder LowCardinality(String),
  retention LowCardinality(String),
  transport LowCardinality(String),
  peer LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  sent_at Nullable(DateTime64(3, 'UTC')),
  event_code LowCardinality(String),
  event_types Array(LowCardinality(String)),
  action LowCardinality(String),
  outcome UInt8,
  actor_id String,
  actor_kind LowCardinality(String),
  actor_roles Array(LowCardinality(String)),
  actor_site LowCardinality(String),
  access_point String,
  access_point_kind LowCardinality(String),
  audit_source LowCardinality(String),
  enterprise_site LowCardinality(String),
  patients Array(FixedString(16)),
  studies Array(String),
  accessions Array(String),
  modalities Array(LowCardinality(String)),
  instances Nullable(UInt32),
  purpose LowCardinality(String),
  emergency UInt8,
  participant_id Array(String),
  participant_kind Array(LowCardinality(String)),
  participant_role Array(LowCardinality(String)),
  participant_requestor Array(UInt8),
  participant_access_point Array(String),
  object_kind Array(LowCardinality(String)),
  object_role Array(LowCardinality(String)),
  object_id_type Array(LowCardinality(String)),
  object_id Array(String),
  object_life_cycle Array(LowCardinality(String)),
  repairs Array(LowCardinality(String))
) ENGINE = MergeTree
PARTITION BY hold
ORDER BY (hold, lane, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Their messages: one raw object for each, of that record alone, with the place and path of its leaf; the formats are at the head of schemas/src/vault-format.ts and in custody/src/hold/held-record.ts.
CREATE TABLE IF NOT EXISTS vault.held_raw (
  hold LowCardinality(String),
  held_at DateTime64(3, 'UTC'),
  lane LowCardinality(String),
  collector LowCardinality(String),
  block UInt64,
  seq UInt64,
  wrapped_key String,
  object String CODEC(NONE),
  proof String CODEC(NONE)
) ENGINE = MergeTree
PARTITION BY hold
ORDER BY (hold, lane, collector, seq)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
