-- Censuses of archives: what each answers, by study date, to a question at study level (C-FIND or QIDO-RS).
-- Served: what two archives differ by, day by day; what left one and is still in another; which day was asked when.
-- grain 'day' is one whole answer; 'cell' its part of one site and modality, told when it changed.
CREATE TABLE IF NOT EXISTS ops.census (
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64 CODEC(Delta, ZSTD(1)), sub UInt16, block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  decoder LowCardinality(String), retention LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  system LowCardinality(String),
  study_date Date,
  grain LowCardinality(String),
  modality LowCardinality(String),
  studies UInt32,
  instances Nullable(UInt64),
  bytes Nullable(UInt64),
  digest UInt64,
  complete UInt8,
  reason LowCardinality(String),
  INDEX by_block block TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (grain, study_date, system, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- One study that an archive holds since a census, holds otherwise, or holds no more.
CREATE TABLE IF NOT EXISTS ops.census_study (
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64 CODEC(Delta, ZSTD(1)), sub UInt16, block UInt64 CODEC(Delta, ZSTD(1)),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  decoder LowCardinality(String), retention LowCardinality(String),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  system LowCardinality(String),
  study_date Date,
  modality LowCardinality(String),
  study String,
  accession String,
  instances Nullable(UInt32),
  bytes Nullable(UInt64),
  state LowCardinality(String),
  INDEX by_block block TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (study_date, system, study, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- The latest count of each cell.
CREATE TABLE IF NOT EXISTS ops.census_cell (
  day Date,
  system LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
  studies AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
  instances AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
  digest AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, site, establishment, modality)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_cell_mv TO ops.census_cell AS
SELECT toDate(study_date) AS day, system, site, establishment, modality,
  argMaxState(studies, occurred_at) AS studies, argMaxState(instances, occurred_at) AS instances, argMaxState(digest, occurred_at) AS digest
FROM ops.census
WHERE grain = 'cell'
GROUP BY day, system, site, establishment, modality;

-- When each day of an archive was asked last, and last in full.
CREATE TABLE IF NOT EXISTS ops.census_asked (
  day Date,
  system LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  asked_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  complete_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  studies AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
  reason AggregateFunction(argMax, String, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_asked_mv TO ops.census_asked AS
SELECT toDate(study_date) AS day, system, site, establishment, max(occurred_at) AS asked_at, maxIf(occurred_at, complete = 1) AS complete_at,
  argMaxState(studies, occurred_at) AS studies, argMaxState(toString(reason), occurred_at) AS reason
FROM ops.census
WHERE grain = 'day'
GROUP BY day, system, site, establishment;

-- Where each study is. Present when it was seen after it was last gone. Studies by a hash of their UID: the list of
-- differences reads the UIDs of those few.
CREATE TABLE IF NOT EXISTS ops.census_presence (
  day Date,
  study_key UInt64,
  system LowCardinality(String),
  site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
  accession_key UInt64,
  first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  seen_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  gone_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  instances SimpleAggregateFunction(max, Nullable(UInt32))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, study_key, system, site, establishment, modality, accession_key)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_presence_mv TO ops.census_presence AS
SELECT toDate(study_date) AS day, cityHash64(study) AS study_key, system, site, establishment, modality, cityHash64(accession) AS accession_key,
  min(occurred_at) AS first_at, maxIf(occurred_at, state = 'seen') AS seen_at, maxIf(occurred_at, state = 'gone') AS gone_at, max(s.instances) AS instances
FROM ops.census_study AS s
GROUP BY day, study_key, system, site, establishment, modality, accession_key;
