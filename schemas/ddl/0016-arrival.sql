-- When a study was stored where, and how many objects its modality announced. Served: arrival times, replication lag, volume at
-- risk and completeness of any window, read from the days of that window alone. Studies by a hash of their UID.

-- Last successful storing of a study in a system on a day of Europe/Paris, as the authoritative observer tells it.
DROP VIEW IF EXISTS ops.study_stored_mv;

CREATE OR REPLACE TABLE ops.study_stored (
  day Date,
  to_system LowCardinality(String),
  study_key UInt64,
  site LowCardinality(String), establishment LowCardinality(String),
  stored_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  instances SimpleAggregateFunction(sum, Nullable(UInt64)),
  bytes SimpleAggregateFunction(sum, Nullable(UInt64))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, to_system, study_key, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, to_system, cityHash64(study) AS study_key, site, establishment,
  max(occurred_at) AS stored_at, sum(toNullable(toUInt64(t.instances))) AS instances, sum(t.bytes) AS bytes
FROM ops.transfer AS t
WHERE authoritative = 1 AND service IN ('C-STORE', 'STOW') AND status IN ('success', 'warning') AND study != '' AND to_system != ''
GROUP BY day, to_system, study_key, site, establishment;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.study_stored_mv TO ops.study_stored AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, to_system, cityHash64(study) AS study_key, site, establishment,
  max(occurred_at) AS stored_at, sum(toNullable(toUInt64(t.instances))) AS instances, sum(t.bytes) AS bytes
FROM ops.transfer AS t
WHERE authoritative = 1 AND service IN ('C-STORE', 'STOW') AND status IN ('success', 'warning') AND study != '' AND to_system != ''
GROUP BY day, to_system, study_key, site, establishment;

-- Objects that a modality announced when it ended an exam (MPPS COMPLETED); the latest told holds.
DROP VIEW IF EXISTS ops.study_announced_mv;

CREATE OR REPLACE TABLE ops.study_announced (
  day Date,
  study_key UInt64,
  site LowCardinality(String), establishment LowCardinality(String),
  instances AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, study_key, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, cityHash64(study) AS study_key, site, establishment,
  argMaxState(assumeNotNull(e.instances), received_at) AS instances
FROM ops.exam_event AS e
WHERE milestone = 'ended' AND study != '' AND e.instances IS NOT NULL
GROUP BY day, study_key, site, establishment;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.study_announced_mv TO ops.study_announced AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, cityHash64(study) AS study_key, site, establishment,
  argMaxState(assumeNotNull(e.instances), received_at) AS instances
FROM ops.exam_event AS e
WHERE milestone = 'ended' AND study != '' AND e.instances IS NOT NULL
GROUP BY day, study_key, site, establishment;
