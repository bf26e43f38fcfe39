-- audit: who did what. Served: one period by site and event; one patient's year; one user's year; hourly counts.
CREATE DATABASE IF NOT EXISTS audit;

CREATE TABLE IF NOT EXISTS audit.event (
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
  repairs Array(LowCardinality(String)),
  INDEX by_seq seq TYPE minmax GRANULARITY 1,
  INDEX by_time occurred_at TYPE minmax GRANULARITY 1,
  INDEX by_received received_at TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, event_code, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- One patient's year: narrow, ordered by patient.
CREATE TABLE IF NOT EXISTS audit.event_by_patient (
  patient FixedString(16),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  establishment LowCardinality(String),
  retention LowCardinality(String),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (patient, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_by_patient_mv TO audit.event_by_patient AS
SELECT arrayJoin(arrayDistinct(patients)) AS patient, occurred_at, establishment, retention, received_at, lane, collector, seq, sub
FROM audit.event;

-- One user's year: narrow, ordered by actor.
CREATE TABLE IF NOT EXISTS audit.event_by_actor (
  actor_id String,
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  establishment LowCardinality(String),
  retention LowCardinality(String),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (actor_id, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_by_actor_mv TO audit.event_by_actor AS
SELECT actor_id, occurred_at, establishment, retention, received_at, lane, collector, seq, sub
FROM audit.event WHERE actor_id != '';

-- Hourly counts for every dashboard over audits.
CREATE TABLE IF NOT EXISTS audit.event_hourly (
  hour DateTime('UTC'),
  lane LowCardinality(String),
  site LowCardinality(String),
  establishment LowCardinality(String),
  source LowCardinality(String),
  event_code LowCardinality(String),
  action LowCardinality(String),
  outcome UInt8,
  role LowCardinality(String),
  modality LowCardinality(String),
  emergency UInt8,
  events SimpleAggregateFunction(sum, UInt64),
  users AggregateFunction(uniqCombined(12), String),
  patients AggregateFunction(uniqCombined(12), FixedString(16))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_hourly_mv TO audit.event_hourly AS
SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, lane, site, establishment, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency,
  count() AS events, uniqCombinedState(12)(actor_id) AS users, uniqCombinedArrayState(12)(patients) AS patients
FROM audit.event
GROUP BY hour, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency;

-- A repeated reception of an event that is already known.
CREATE TABLE IF NOT EXISTS audit.reception (
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  block UInt64,
  received_at DateTime64(3, 'UTC'),
  source LowCardinality(String),
  site LowCardinality(String),
  establishment LowCardinality(String),
  transport LowCardinality(String),
  peer LowCardinality(String),
  original_seq UInt64,
  decoder LowCardinality(String),
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (collector, lane, original_seq, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- A message no decoder understood, or a row the store refused. The raw bytes are in vault.raw_block at (block, seq - block).
CREATE TABLE IF NOT EXISTS audit.quarantine (
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16,
  block UInt64,
  received_at DateTime64(3, 'UTC'),
  source LowCardinality(String),
  site LowCardinality(String),
  establishment LowCardinality(String),
  transport LowCardinality(String),
  peer LowCardinality(String),
  reason LowCardinality(String),
  detail String,
  bytes UInt64,
  decoder LowCardinality(String),
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (source, received_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- One evidence header (kind 'block'); tombstones and superseding row roots are later rows of other kinds.
CREATE TABLE IF NOT EXISTS audit.block (
  lane LowCardinality(String),
  collector LowCardinality(String),
  block UInt64,
  last_seq UInt64,
  kind LowCardinality(String),
  sealed_at DateTime64(3, 'UTC'),
  previous FixedString(32),
  hash FixedString(32),
  leaf_root FixedString(32),
  raw_hash FixedString(32),
  header String,
  signature FixedString(64),
  key_id LowCardinality(String),
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(sealed_at))
ORDER BY (collector, lane, block, kind)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;
