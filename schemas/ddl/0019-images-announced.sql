-- What arrived in images alone, by who sent it, and what was announced by step of an exam. Served: arrival times, replication lag, volume
-- at risk and completeness of any window, read from the days of that window alone. Replaces what 0016 made of the same rows.

-- Last successful storing of a study in a system on a day of Europe/Paris, as the authoritative observer tells it, by sender: what is sent
-- twice by two systems is one image. `image` 0: reports, segmentations, states and key notes, which no modality announced.
DROP VIEW IF EXISTS ops.study_stored_mv;

CREATE OR REPLACE TABLE ops.study_stored (
  day Date,
  to_system LowCardinality(String),
  study_key UInt64,
  site LowCardinality(String), establishment LowCardinality(String),
  sender LowCardinality(String),
  image UInt8,
  stored_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
  instances SimpleAggregateFunction(sum, Nullable(UInt64)),
  bytes SimpleAggregateFunction(sum, Nullable(UInt64))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, to_system, study_key, site, establishment, sender, image)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, to_system, cityHash64(study) AS study_key, site, establishment,
  if(from_system = '', calling_ae, from_system) AS sender,
  toUInt8(modality NOT IN ('SR', 'SEG', 'KO', 'PR', 'REG', 'FID', 'ANN', 'DOC', 'PLAN', 'RWV', 'AU', 'HC', 'ECG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'RTRECORD')
    AND NOT match(sop_class, '^1[.]2[.]840[.]10008[.]5[.]1[.]4[.]1[.]1[.](9[.]|11[.]|66([.]|$)|67$|68[.]|88[.]|91[.]|104[.]|131$|481[.][2-9])')) AS image,
  max(occurred_at) AS stored_at, sum(toNullable(toUInt64(t.instances))) AS instances, sum(t.bytes) AS bytes
FROM ops.transfer AS t
WHERE authoritative = 1 AND service IN ('C-STORE', 'STOW') AND status IN ('success', 'warning') AND study != '' AND to_system != ''
GROUP BY day, to_system, study_key, site, establishment, sender, image;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.study_stored_mv TO ops.study_stored AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, to_system, cityHash64(study) AS study_key, site, establishment,
  if(from_system = '', calling_ae, from_system) AS sender,
  toUInt8(modality NOT IN ('SR', 'SEG', 'KO', 'PR', 'REG', 'FID', 'ANN', 'DOC', 'PLAN', 'RWV', 'AU', 'HC', 'ECG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'RTRECORD')
    AND NOT match(sop_class, '^1[.]2[.]840[.]10008[.]5[.]1[.]4[.]1[.]1[.](9[.]|11[.]|66([.]|$)|67$|68[.]|88[.]|91[.]|104[.]|131$|481[.][2-9])')) AS image,
  max(occurred_at) AS stored_at, sum(toNullable(toUInt64(t.instances))) AS instances, sum(t.bytes) AS bytes
FROM ops.transfer AS t
WHERE authoritative = 1 AND service IN ('C-STORE', 'STOW') AND status IN ('success', 'warning') AND study != '' AND to_system != ''
GROUP BY day, to_system, study_key, site, establishment, sender, image;

-- Objects that a modality announced when it ended a step of an exam (MPPS COMPLETED). Of one step the latest told holds, as with
-- milestones; a study has as many as its steps together.
DROP VIEW IF EXISTS ops.study_announced_mv;

CREATE OR REPLACE TABLE ops.study_announced (
  day Date,
  study_key UInt64,
  step_key UInt64,
  site LowCardinality(String), establishment LowCardinality(String),
  instances AggregateFunction(argMax, UInt32, Tuple(DateTime64(3, 'UTC'), UInt64, DateTime64(3, 'UTC'), UInt64))
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, study_key, step_key, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT toDate(occurred_at, 'Europe/Paris') AS day, cityHash64(study) AS study_key, cityHash64(accession, step) AS step_key, site, establishment,
  argMaxState(assumeNotNull(e.instances), (coalesce(told_at, received_at), ifNull(told_sequence, 0), received_at, seq)) AS instances
FROM ops.exam_event AS e
WHERE milestone = 'ended' AND study != '' AND e.instances IS NOT NULL
GROUP BY day, study_key, step_key, site, establishment;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.study_announced_mv TO ops.study_announced AS
SELECT toDate(occurred_at, 'Europe/Paris') AS day, cityHash64(study) AS study_key, cityHash64(accession, step) AS step_key, site, establishment,
  argMaxState(assumeNotNull(e.instances), (coalesce(told_at, received_at), ifNull(told_sequence, 0), received_at, seq)) AS instances
FROM ops.exam_event AS e
WHERE milestone = 'ended' AND study != '' AND e.instances IS NOT NULL
GROUP BY day, study_key, step_key, site, establishment;
