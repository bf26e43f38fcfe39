-- Uses of a system, counted: accesses of patients on the portal, results of algorithms, calls of a DRIMbox. No person, no patient.
-- Served: uses of one system or of one kind by day, site and outcome; ops.usage_daily holds them by day of Europe/Paris.
CREATE TABLE IF NOT EXISTS ops.usage (
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64 CODEC(Delta, ZSTD(1)), sub UInt16, block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  decoder LowCardinality(String), retention LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  system LowCardinality(String),
  kind LowCardinality(String),
  label LowCardinality(String),
  outcome LowCardinality(String),
  modality LowCardinality(String),
  count UInt64,
  period_s Nullable(UInt32),
  duration_ms Nullable(UInt64),
  INDEX by_block block TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, kind, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

CREATE TABLE IF NOT EXISTS ops.usage_daily (
  day Date,
  system LowCardinality(String), kind LowCardinality(String), label LowCardinality(String), outcome LowCardinality(String),
  site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
  uses SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, kind, label, outcome, site, establishment, modality)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.usage_daily_mv TO ops.usage_daily AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, system, kind, label, outcome, site, establishment, modality, sum(u.count) AS uses
FROM ops.usage AS u
GROUP BY day, system, kind, label, outcome, site, establishment, modality;
