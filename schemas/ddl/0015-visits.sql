-- Movements and identities of patients as ADT tells them: admitted, transferred, discharged, registered, merged. No name, no number.
-- Served: visits, share of qualified identities and merges by site and window.
CREATE TABLE IF NOT EXISTS ops.visit_event (
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64 CODEC(Delta, ZSTD(1)), sub UInt16, block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  decoder LowCardinality(String), retention LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  told_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  event LowCardinality(String),
  visit Nullable(FixedString(16)),
  patient Nullable(FixedString(16)),
  patient_class LowCardinality(String),
  unit LowCardinality(String),
  ins_status LowCardinality(String),
  merged UInt16,
  INDEX by_block block TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, event, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;
