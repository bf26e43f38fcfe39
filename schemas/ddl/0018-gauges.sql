-- States that a system tells of itself: studies it holds, jobs that wait, what its caches take. Served: the last, lowest and highest
-- value of each gauge of one system in any window; ops.gauge_hourly holds them by hour.
CREATE TABLE IF NOT EXISTS ops.gauge (
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64 CODEC(Delta, ZSTD(1)), sub UInt16, block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  decoder LowCardinality(String), retention LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  system LowCardinality(String),
  gauge LowCardinality(String),
  label LowCardinality(String),
  unit LowCardinality(String),
  value UInt64 CODEC(Delta, ZSTD(1)),
  INDEX by_block block TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, gauge, label, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

CREATE TABLE IF NOT EXISTS ops.gauge_hourly (
  hour DateTime('UTC'),
  system LowCardinality(String), gauge LowCardinality(String), label LowCardinality(String), unit LowCardinality(String),
  site LowCardinality(String), establishment LowCardinality(String),
  last AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
  lowest SimpleAggregateFunction(min, UInt64),
  highest SimpleAggregateFunction(max, UInt64),
  samples SimpleAggregateFunction(sum, UInt64),
  last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (system, hour, gauge, label, unit, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.gauge_hourly_mv TO ops.gauge_hourly AS
SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, system, gauge, label, unit, site, establishment,
  argMaxState(g.value, g.occurred_at) AS last, min(g.value) AS lowest, max(g.value) AS highest, count() AS samples, max(g.occurred_at) AS last_at
FROM ops.gauge AS g
GROUP BY hour, system, gauge, label, unit, site, establishment;
