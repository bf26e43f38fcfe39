-- Transfers by day of Europe/Paris, so that a year of a large group costs a page no more than its days. Served: the boards of traffic and
-- of systems. Fed by the hourly sums, so an insert pays for the few groups of its hours, not for its rows.
DROP VIEW IF EXISTS ops.transfer_daily_mv;

CREATE OR REPLACE TABLE ops.transfer_daily (
  day Date,
  authoritative UInt8,
  site LowCardinality(String), establishment LowCardinality(String),
  observer LowCardinality(String),
  service LowCardinality(String), calling_ae LowCardinality(String), called_ae LowCardinality(String),
  from_system LowCardinality(String), to_system LowCardinality(String),
  status LowCardinality(String), reason LowCardinality(String),
  transfers SimpleAggregateFunction(sum, UInt64),
  instances SimpleAggregateFunction(sum, Nullable(UInt64)),
  bytes SimpleAggregateFunction(sum, Nullable(UInt64)),
  duration_ms SimpleAggregateFunction(sum, Nullable(UInt64)),
  last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system, status, reason)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1
AS SELECT toDate(h.hour, 'Europe/Paris') AS day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system,
  status, reason, sum(h.transfers) AS transfers, sum(h.instances) AS instances, sum(h.bytes) AS bytes, sum(h.duration_ms) AS duration_ms, max(h.last_at) AS last_at
FROM ops.transfer_hourly AS h
GROUP BY day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system, status, reason;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.transfer_daily_mv TO ops.transfer_daily AS
SELECT toDate(h.hour, 'Europe/Paris') AS day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system,
  status, reason, sum(h.transfers) AS transfers, sum(h.instances) AS instances, sum(h.bytes) AS bytes, sum(h.duration_ms) AS duration_ms, max(h.last_at) AS last_at
FROM ops.transfer_hourly AS h
GROUP BY day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system, status, reason;

-- Addresses that called, by day.
DROP VIEW IF EXISTS ops.peer_daily_mv;

CREATE OR REPLACE TABLE ops.peer_daily (
  day Date,
  peer LowCardinality(String),
  calling_ae LowCardinality(String),
  site LowCardinality(String), establishment LowCardinality(String),
  transfers SimpleAggregateFunction(sum, UInt64),
  last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, peer, calling_ae, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, peer, calling_ae, site, establishment, count() AS transfers, max(occurred_at) AS last_at
FROM ops.transfer
WHERE peer != '' AND NOT startsWith(called_ae, '/')
GROUP BY day, peer, calling_ae, site, establishment;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.peer_daily_mv TO ops.peer_daily AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, peer, calling_ae, site, establishment, count() AS transfers, max(occurred_at) AS last_at
FROM ops.transfer
WHERE peer != '' AND NOT startsWith(called_ae, '/')
GROUP BY day, peer, calling_ae, site, establishment;

-- What lies from ≤ t < to: whole days of Europe/Paris by the day, the hours before and after them by the hour; with grain 'hour' all by
-- the hour. `at` is where the hour or the day begins. SELECT … FROM ops.transfer_span(from = …, to = …, grain = …).
DROP VIEW IF EXISTS ops.transfer_span;

CREATE VIEW IF NOT EXISTS ops.transfer_span AS
SELECT toDateTime(toDateTime(day, 'Europe/Paris'), 'UTC') AS at, authoritative, site, establishment, observer, service, calling_ae, called_ae,
  from_system, to_system, status, reason, transfers, instances, bytes, duration_ms, last_at
FROM ops.transfer_daily
WHERE {grain:String} != 'hour' AND day > toDate({from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') AND day < toDate({to:DateTime64(3)}, 'Europe/Paris')
UNION ALL
SELECT if({grain:String} = 'hour', hour, toDateTime(toStartOfDay(hour, 'Europe/Paris'), 'UTC')) AS at, authoritative, site, establishment, observer, service, calling_ae, called_ae,
  from_system, to_system, status, reason, transfers, instances, bytes, duration_ms, last_at
FROM ops.transfer_hourly
WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)}
  AND ({grain:String} = 'hour'
    OR hour < toStartOfDay({from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') + INTERVAL 1 DAY
    OR hour >= toStartOfDay({to:DateTime64(3)}, 'Europe/Paris'));
