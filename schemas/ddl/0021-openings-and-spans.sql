-- Openings of studies in a web viewer: what one client asked of one study in one hour. Served: openings, first images and failures by
-- site. A month of a large group is 180,000 of them where it is 700,000 requests.
DROP VIEW IF EXISTS ops.web_opening_mv;

CREATE OR REPLACE TABLE ops.web_opening (
  day Date,
  observer LowCardinality(String),
  hour DateTime('UTC'),
  site LowCardinality(String), establishment LowCardinality(String),
  peer LowCardinality(String),
  study_key UInt64,
  opens SimpleAggregateFunction(sum, UInt64),
  images SimpleAggregateFunction(sum, UInt64),
  first_at SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
  image_at SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
  requests SimpleAggregateFunction(sum, UInt64),
  failed SimpleAggregateFunction(sum, UInt64),
  bytes SimpleAggregateFunction(sum, Nullable(UInt64))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (observer, day, hour, site, establishment, peer, study_key)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1,
  min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, observer, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, site, establishment, peer, cityHash64(study) AS study_key,
  countIf(study != '' AND (service = 'QIDO' OR endsWith(called_ae, '/metadata') OR called_ae = '/wado')) AS opens,
  countIf(status IN ('success', 'warning') AND (called_ae = '/wado' OR service = 'WADO' AND NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))) AS images,
  min(occurred_at) AS first_at,
  minOrNullIf(addMilliseconds(occurred_at, ifNull(w.duration_ms, 0)), status IN ('success', 'warning') AND (called_ae = '/wado' OR service = 'WADO' AND NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))) AS image_at,
  count() AS requests, countIf(status IN ('failure', 'aborted')) AS failed, sum(w.bytes) AS bytes
FROM ops.transfer AS w
WHERE grain = 'request' AND service != 'HTTP'
GROUP BY day, observer, hour, site, establishment, peer, study_key;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.web_opening_mv TO ops.web_opening AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, observer, toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, site, establishment, peer, cityHash64(study) AS study_key,
  countIf(study != '' AND (service = 'QIDO' OR endsWith(called_ae, '/metadata') OR called_ae = '/wado')) AS opens,
  countIf(status IN ('success', 'warning') AND (called_ae = '/wado' OR service = 'WADO' AND NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))) AS images,
  min(occurred_at) AS first_at,
  minOrNullIf(addMilliseconds(occurred_at, ifNull(w.duration_ms, 0)), status IN ('success', 'warning') AND (called_ae = '/wado' OR service = 'WADO' AND NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))) AS image_at,
  count() AS requests, countIf(status IN ('failure', 'aborted')) AS failed, sum(w.bytes) AS bytes
FROM ops.transfer AS w
WHERE grain = 'request' AND service != 'HTTP'
GROUP BY day, observer, hour, site, establishment, peer, study_key;

-- A month that is over rests in one part: exams are then read without being put together again, which is half of what they cost (a
-- year of a large group: 63 ms of CPU a question, then 32), and sums are one row each.
ALTER TABLE ops.exam MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.exam_daily MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.transfer_hourly MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.study_stored MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.study_announced MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.storage_daily MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.volume_daily MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.usage_daily MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.census_cell MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.census_asked MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.census_presence MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

ALTER TABLE ops.probe_minute MODIFY SETTING min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

-- Two spans at once, from ≤ t < to and before_from ≤ t < before_to, which ends no later than the first begins: `part` says of which a sum
-- is, 'finished' up to `complete` and 'running' after it, or 'earlier'. Cut by days and hours as ops.transfer_span is.
DROP VIEW IF EXISTS ops.transfer_compared;

CREATE VIEW IF NOT EXISTS ops.transfer_compared AS
SELECT if(day > toDate({from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris'), 'finished', 'earlier') AS part, authoritative, site, establishment,
  observer, service, calling_ae, called_ae, from_system, to_system, status, reason, transfers, instances, bytes, duration_ms, last_at
FROM ops.transfer_daily
WHERE {grain:String} != 'hour'
  AND (day > toDate({from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') AND day < toDate({complete:DateTime64(3)}, 'Europe/Paris')
    OR day > toDate({before_from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') AND day < toDate({before_to:DateTime64(3)}, 'Europe/Paris'))
UNION ALL
SELECT multiIf(hour >= {complete:DateTime64(3)}, 'running', hour >= {from:DateTime64(3)}, 'finished', 'earlier') AS part, authoritative, site, establishment,
  observer, service, calling_ae, called_ae, from_system, to_system, status, reason, transfers, instances, bytes, duration_ms, last_at
FROM ops.transfer_hourly
WHERE hour >= {complete:DateTime64(3)} AND hour < {to:DateTime64(3)}
  OR hour >= {from:DateTime64(3)} AND hour < {complete:DateTime64(3)}
    AND ({grain:String} = 'hour'
      OR hour < toStartOfDay({from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') + INTERVAL 1 DAY
      OR hour >= toStartOfDay({complete:DateTime64(3)}, 'Europe/Paris'))
  OR hour >= {before_from:DateTime64(3)} AND hour < {before_to:DateTime64(3)}
    AND ({grain:String} = 'hour'
      OR hour < toStartOfDay({before_from:DateTime64(3)} - INTERVAL 1 MILLISECOND, 'Europe/Paris') + INTERVAL 1 DAY
      OR hour >= toStartOfDay({before_to:DateTime64(3)}, 'Europe/Paris'));
