-- Generated from the migrations by store/src/migrate/structure.ts. Do not edit.

CREATE TABLE audit.block
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `last_seq` UInt64,
    `kind` LowCardinality(String),
    `sealed_at` DateTime64(3, 'UTC'),
    `previous` FixedString(32),
    `hash` FixedString(32),
    `leaf_root` FixedString(32),
    `raw_hash` FixedString(32),
    `header` String,
    `signature` FixedString(64),
    `key_id` LowCardinality(String),
    `retention` LowCardinality(String),
    `sums` String CODEC(NONE)
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(sealed_at))
ORDER BY (collector, lane, block, kind)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE audit.event
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `transport` LowCardinality(String),
    `peer` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `sent_at` Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    `event_code` LowCardinality(String),
    `event_types` Array(LowCardinality(String)),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `actor_id` String CODEC(ZSTD(1)),
    `actor_kind` LowCardinality(String),
    `actor_roles` Array(LowCardinality(String)),
    `actor_site` LowCardinality(String),
    `access_point` String CODEC(ZSTD(1)),
    `access_point_kind` LowCardinality(String),
    `audit_source` LowCardinality(String),
    `enterprise_site` LowCardinality(String),
    `patients` Array(FixedString(16)),
    `studies` Array(String) CODEC(ZSTD(1)),
    `accessions` Array(String) CODEC(ZSTD(1)),
    `modalities` Array(LowCardinality(String)),
    `instances` Nullable(UInt32) CODEC(ZSTD(1)),
    `purpose` LowCardinality(String),
    `emergency` UInt8,
    `participant_id` Array(String) CODEC(ZSTD(1)),
    `participant_kind` Array(LowCardinality(String)),
    `participant_role` Array(LowCardinality(String)),
    `participant_requestor` Array(UInt8),
    `participant_access_point` Array(String) CODEC(ZSTD(1)),
    `object_kind` Array(LowCardinality(String)),
    `object_role` Array(LowCardinality(String)),
    `object_id_type` Array(LowCardinality(String)),
    `object_id` Array(String) CODEC(ZSTD(1)),
    `object_life_cycle` Array(LowCardinality(String)),
    `repairs` Array(LowCardinality(String)),
    INDEX by_seq seq TYPE minmax GRANULARITY 1,
    INDEX by_time occurred_at TYPE minmax GRANULARITY 1,
    INDEX by_received received_at TYPE minmax GRANULARITY 1,
    INDEX by_block block TYPE minmax GRANULARITY 1,
    INDEX by_recorded coalesce(sent_at, occurred_at) TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, event_code, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 20971520, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, vertical_merge_algorithm_min_rows_to_activate = 16384, min_parts_to_merge_at_once = 8;

CREATE TABLE audit.event_by_actor
(
    `actor_id` String,
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `actor_kind` LowCardinality(String),
    `patient` FixedString(16),
    `study_key` UInt64,
    `ae_from` String CODEC(ZSTD(1)),
    `ae_to` String CODEC(ZSTD(1)),
    `retention` LowCardinality(String),
    `received_at` Date,
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (actor_id, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;

CREATE MATERIALIZED VIEW audit.event_by_actor_mv TO audit.event_by_actor
(
    `actor_id` String,
    `occurred_at` DateTime64(3, 'UTC'),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` String,
    `modality` String,
    `emergency` UInt8,
    `actor_kind` LowCardinality(String),
    `patient` FixedString(16),
    `study_key` UInt64,
    `ae_from` String,
    `ae_to` String,
    `retention` LowCardinality(String),
    `received_at` Date,
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
AS SELECT
    actor_id,
    occurred_at,
    establishment,
    site,
    source,
    event_code,
    action,
    outcome,
    if(empty(actor_roles), '', actor_roles[1]) AS role,
    if(empty(modalities), '', modalities[1]) AS modality,
    emergency,
    actor_kind,
    patients[1] AS patient,
    sipHash64(arrayConcat(studies, accessions)[1]) AS study_key,
    participant_id[indexOf(participant_role, '110153')] AS ae_from,
    participant_id[indexOf(participant_role, '110152')] AS ae_to,
    retention,
    toDate(received_at) AS received_at,
    lane,
    collector,
    seq,
    sub
FROM audit.event
WHERE actor_id != '';

CREATE TABLE audit.event_by_patient
(
    `patient` FixedString(16),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `actor_id` String CODEC(ZSTD(1)),
    `actor_kind` LowCardinality(String),
    `study_key` UInt64,
    `ae_from` String CODEC(ZSTD(1)),
    `ae_to` String CODEC(ZSTD(1)),
    `retention` LowCardinality(String),
    `received_at` Date CODEC(ZSTD(1)),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (patient, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;

CREATE MATERIALIZED VIEW audit.event_by_patient_mv TO audit.event_by_patient
(
    `patient` FixedString(16),
    `occurred_at` DateTime64(3, 'UTC'),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` String,
    `modality` String,
    `emergency` UInt8,
    `actor_id` String,
    `actor_kind` LowCardinality(String),
    `study_key` UInt64,
    `ae_from` String,
    `ae_to` String,
    `retention` LowCardinality(String),
    `received_at` Date,
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
AS SELECT
    arrayJoin(arrayDistinct(patients)) AS patient,
    occurred_at,
    establishment,
    site,
    source,
    event_code,
    action,
    outcome,
    if(empty(actor_roles), '', actor_roles[1]) AS role,
    if(empty(modalities), '', modalities[1]) AS modality,
    emergency,
    actor_id,
    actor_kind,
    sipHash64(arrayConcat(studies, accessions)[1]) AS study_key,
    participant_id[indexOf(participant_role, '110153')] AS ae_from,
    participant_id[indexOf(participant_role, '110152')] AS ae_to,
    retention,
    toDate(received_at) AS received_at,
    lane,
    collector,
    seq,
    sub
FROM audit.event;

CREATE TABLE audit.event_by_study
(
    `study_key` UInt64 CODEC(ZSTD(1)),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `retention` LowCardinality(String),
    `received_at` Date CODEC(ZSTD(1)),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (study_key, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;

CREATE MATERIALIZED VIEW audit.event_by_study_mv TO audit.event_by_study
(
    `study_key` UInt64,
    `occurred_at` DateTime64(3, 'UTC'),
    `establishment` LowCardinality(String),
    `site` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` String,
    `modality` String,
    `emergency` UInt8,
    `retention` LowCardinality(String),
    `received_at` Date,
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
AS SELECT
    arrayJoin(arrayDistinct(arrayMap(one -> sipHash64(one), arrayConcat(studies, accessions)))) AS study_key,
    occurred_at,
    establishment,
    site,
    source,
    event_code,
    action,
    outcome,
    if(empty(actor_roles), '', actor_roles[1]) AS role,
    if(empty(modalities), '', modalities[1]) AS modality,
    emergency,
    retention,
    toDate(received_at) AS received_at,
    lane,
    collector,
    seq,
    sub
FROM audit.event;

CREATE TABLE audit.event_daily
(
    `day` Date,
    `lane` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `events` SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW audit.event_daily_mv TO audit.event_daily
(
    `day` Date,
    `lane` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `events` UInt64
)
AS SELECT
    toDate(h.hour, 'Europe/Paris') AS day,
    lane,
    site,
    establishment,
    source,
    event_code,
    action,
    outcome,
    role,
    modality,
    emergency,
    sum(h.events) AS events
FROM audit.event_hourly AS h
GROUP BY
    day,
    lane,
    site,
    establishment,
    source,
    event_code,
    action,
    outcome,
    role,
    modality,
    emergency;

CREATE TABLE audit.event_hourly
(
    `hour` DateTime('UTC'),
    `lane` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` LowCardinality(String),
    `modality` LowCardinality(String),
    `emergency` UInt8,
    `events` SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    `users` AggregateFunction(uniqCombined(12), String) CODEC(ZSTD(1)),
    `patients` AggregateFunction(uniqCombined(12), FixedString(16))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW audit.event_hourly_mv TO audit.event_hourly
(
    `hour` DateTime('UTC'),
    `lane` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `source` LowCardinality(String),
    `event_code` LowCardinality(String),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `role` String,
    `modality` String,
    `emergency` UInt8,
    `events` UInt64,
    `users` AggregateFunction(uniqCombined(12), String),
    `patients` AggregateFunction(uniqCombinedArray(12), Array(FixedString(16)))
)
AS SELECT
    toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour,
    lane,
    site,
    establishment,
    source,
    event_code,
    action,
    outcome,
    if(empty(actor_roles), '', actor_roles[1]) AS role,
    if(empty(modalities), '', modalities[1]) AS modality,
    emergency,
    count() AS events,
    uniqCombinedState(12)(actor_id) AS users,
    uniqCombinedArrayState(12)(patients) AS patients
FROM audit.event
GROUP BY
    hour,
    lane,
    site,
    establishment,
    source,
    event_code,
    action,
    outcome,
    role,
    modality,
    emergency;

CREATE TABLE audit.held
(
    `hold` LowCardinality(String),
    `held_at` DateTime64(3, 'UTC'),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `transport` LowCardinality(String),
    `peer` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `sent_at` Nullable(DateTime64(3, 'UTC')),
    `event_code` LowCardinality(String),
    `event_types` Array(LowCardinality(String)),
    `action` LowCardinality(String),
    `outcome` UInt8,
    `actor_id` String,
    `actor_kind` LowCardinality(String),
    `actor_roles` Array(LowCardinality(String)),
    `actor_site` LowCardinality(String),
    `access_point` String,
    `access_point_kind` LowCardinality(String),
    `audit_source` LowCardinality(String),
    `enterprise_site` LowCardinality(String),
    `patients` Array(FixedString(16)),
    `studies` Array(String),
    `accessions` Array(String),
    `modalities` Array(LowCardinality(String)),
    `instances` Nullable(UInt32),
    `purpose` LowCardinality(String),
    `emergency` UInt8,
    `participant_id` Array(String),
    `participant_kind` Array(LowCardinality(String)),
    `participant_role` Array(LowCardinality(String)),
    `participant_requestor` Array(UInt8),
    `participant_access_point` Array(String),
    `object_kind` Array(LowCardinality(String)),
    `object_role` Array(LowCardinality(String)),
    `object_id_type` Array(LowCardinality(String)),
    `object_id` Array(String),
    `object_life_cycle` Array(LowCardinality(String)),
    `repairs` Array(LowCardinality(String))
)
ENGINE = MergeTree
PARTITION BY hold
ORDER BY (hold, lane, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE audit.hold
(
    `hold` LowCardinality(String),
    `at` DateTime64(3, 'UTC'),
    `act` LowCardinality(String),
    `reason` String,
    `selection` String,
    `events` UInt64,
    `records` UInt64,
    `audit` String
)
ENGINE = MergeTree
ORDER BY (hold, at)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE audit.quarantine
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16,
    `block` UInt64,
    `received_at` DateTime64(3, 'UTC'),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `transport` LowCardinality(String),
    `peer` LowCardinality(String),
    `reason` LowCardinality(String),
    `detail` String,
    `bytes` UInt64,
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (source, received_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE audit.reception
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `block` UInt64,
    `received_at` DateTime64(3, 'UTC'),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `transport` LowCardinality(String),
    `peer` LowCardinality(String),
    `original_seq` UInt64,
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (collector, lane, original_seq, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.arrival_day
(
    `day` Date,
    `cell.site` Array(LowCardinality(String)),
    `cell.establishment` Array(LowCardinality(String)),
    `cell.modality` Array(LowCardinality(String)),
    `cell.systems` Array(Array(LowCardinality(String))),
    `cell.after` Array(Array(Array(Int32))),
    `cell.told` Array(Array(Int32)),
    `cell.ended_at` Array(Array(DateTime64(3, 'UTC'))),
    `made_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.arrival_day_mv TO ops.arrival_day
(
    `day` Date,
    `cell.site` Array(String),
    `cell.establishment` Array(String),
    `cell.modality` Array(String),
    `cell.systems` Array(Array(String)),
    `cell.after` Array(Array(Array(Int32))),
    `cell.told` Array(Array(Int32)),
    `cell.ended_at` Array(Array(DateTime64(3, 'UTC'))),
    `made_at` DateTime64(9)
)
AS SELECT
    d.day AS day,
    c.sites AS `cell.site`,
    c.establishments AS `cell.establishment`,
    c.modalities AS `cell.modality`,
    c.receivers AS `cell.systems`,
    c.afters AS `cell.after`,
    c.tolds AS `cell.told`,
    c.ends AS `cell.ended_at`,
    now64(9) AS made_at
FROM
(
    SELECT DISTINCT day
    FROM ops.arrival_due
) AS d
LEFT JOIN
(
    SELECT
        day,
        groupArray(site) AS sites,
        groupArray(establishment) AS establishments,
        groupArray(modality) AS modalities,
        groupArray(systems) AS receivers,
        groupArray(after) AS afters,
        groupArray(told) AS tolds,
        groupArray(ends) AS ends
    FROM
    (
        SELECT
            day,
            site,
            establishment,
            modality,
            systems,
            groupArrayForEach(times) AS after,
            groupArray(available) AS told,
            groupArray(ended) AS ends
        FROM
        (
            SELECT
                e.day AS day,
                e.site AS site,
                e.establishment AS establishment,
                e.modality AS modality,
                e.ended AS ended,
                s.systems AS systems,
                arrayMap(at -> toInt32(greatest(-2000000000, least(2000000000, toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(ended)))), s.times) AS times,
                if(e.available_at IS NULL, -1, toInt32(greatest(0, least(2000000000, toUnixTimestamp64Milli(assumeNotNull(e.available_at)) - toUnixTimestamp64Milli(ended))))) AS available
            FROM
            (
                SELECT
                    day,
                    site,
                    establishment,
                    modality,
                    assumeNotNull(ended_at) AS ended,
                    available_at,
                    if(study = '', 0, cityHash64(study)) AS exam_key
                FROM ops.exam
                FINAL
                WHERE (outcome = 'done') AND (ended_at IS NOT NULL) AND (day IN (
                    SELECT day
                    FROM ops.arrival_due
                ))
            ) AS e
            LEFT JOIN
            (
                SELECT
                    study_key,
                    arraySort(groupArray(system)) AS systems,
                    arrayMap(one -> (one.2), arraySort(groupArray((system, first_done)))) AS times
                FROM
                (
                    SELECT
                        study_key,
                        system,
                        min(done) AS first_done
                    FROM
                    (
                        SELECT
                            study_key,
                            toString(to_system) AS system,
                            day,
                            sender,
                            max(stored_at) AS done
                        FROM ops.study_stored
                        WHERE (image = 1) AND (day IN (
                            SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 1) + n), range(9)))
                            FROM ops.arrival_due
                        ))
                        GROUP BY
                            study_key,
                            system,
                            day,
                            sender
                    )
                    GROUP BY
                        study_key,
                        system
                )
                GROUP BY study_key
            ) AS s ON s.study_key = e.exam_key
        )
        GROUP BY
            day,
            site,
            establishment,
            modality,
            systems
    )
    GROUP BY day
) AS c ON c.day = d.day;

CREATE TABLE ops.arrival_due
(
    `day` Date
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW ops.arrival_due_exam_mv TO ops.arrival_due
(
    `day` Date
)
AS SELECT DISTINCT day
FROM ops.exam
WHERE ended_at IS NOT NULL;

CREATE MATERIALIZED VIEW ops.arrival_due_stored_mv TO ops.arrival_due
(
    `day` Date
)
AS SELECT DISTINCT e.day AS day
FROM
(
    SELECT DISTINCT study_key
    FROM ops.study_stored
    WHERE image = 1
) AS s
INNER JOIN
(
    SELECT
        day,
        cityHash64(study) AS exam_key
    FROM ops.exam
    WHERE (study != '') AND (ended_at IS NOT NULL) AND (day IN (
        SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 7) + n), range(9)))
        FROM ops.study_stored
    ))
) AS e ON e.exam_key = s.study_key;

CREATE TABLE ops.census
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `study_date` Date,
    `grain` LowCardinality(String),
    `modality` LowCardinality(String),
    `studies` UInt32,
    `instances` Nullable(UInt64),
    `bytes` Nullable(UInt64),
    `digest` UInt64,
    `complete` UInt8,
    `reason` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (grain, study_date, system, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.census_asked
(
    `day` Date,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `asked_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `complete_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `studies` AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
    `reason` AggregateFunction(argMax, String, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.census_asked_mv TO ops.census_asked
(
    `day` Date,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `asked_at` DateTime64(3, 'UTC'),
    `complete_at` DateTime64(3, 'UTC'),
    `studies` AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
    `reason` AggregateFunction(argMax, String, DateTime64(3, 'UTC'))
)
AS SELECT
    toDate(study_date) AS day,
    system,
    site,
    establishment,
    max(occurred_at) AS asked_at,
    maxIf(occurred_at, complete = 1) AS complete_at,
    argMaxState(studies, occurred_at) AS studies,
    argMaxState(toString(reason), occurred_at) AS reason
FROM ops.census
WHERE grain = 'day'
GROUP BY
    day,
    system,
    site,
    establishment;

CREATE TABLE ops.census_cell
(
    `day` Date,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `studies` AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
    `instances` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `digest` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, site, establishment, modality)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.census_cell_mv TO ops.census_cell
(
    `day` Date,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `studies` AggregateFunction(argMax, UInt32, DateTime64(3, 'UTC')),
    `instances` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `digest` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC'))
)
AS SELECT
    toDate(study_date) AS day,
    system,
    site,
    establishment,
    modality,
    argMaxState(studies, occurred_at) AS studies,
    argMaxState(instances, occurred_at) AS instances,
    argMaxState(digest, occurred_at) AS digest
FROM ops.census
WHERE grain = 'cell'
GROUP BY
    day,
    system,
    site,
    establishment,
    modality;

CREATE TABLE ops.census_compared
(
    `day` Date,
    `whole` Array(LowCardinality(String)),
    `cell.site` Array(LowCardinality(String)),
    `cell.establishment` Array(LowCardinality(String)),
    `cell.modality` Array(LowCardinality(String)),
    `cell.holds` Array(Array(LowCardinality(String))),
    `cell.left` Array(Array(LowCardinality(String))),
    `cell.numbered` Array(Array(LowCardinality(String))),
    `cell.known` Array(UInt8),
    `cell.study_key` Array(UInt64),
    `cell.images` Array(Array(Int64)),
    `cell.studies` Array(UInt32),
    `cell.size` Array(UInt64),
    `cell.since` Array(DateTime64(3, 'UTC')),
    `made_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.census_compared_mv TO ops.census_compared
(
    `day` Date,
    `whole` Array(String),
    `cell.site` Array(String),
    `cell.establishment` Array(String),
    `cell.modality` Array(String),
    `cell.holds` Array(Array(String)),
    `cell.left` Array(Array(String)),
    `cell.numbered` Array(Array(String)),
    `cell.known` Array(UInt8),
    `cell.study_key` Array(UInt64),
    `cell.images` Array(Array(Int64)),
    `cell.studies` Array(UInt32),
    `cell.size` Array(UInt64),
    `cell.since` Array(SimpleAggregateFunction(max, DateTime64(3, 'UTC'))),
    `made_at` DateTime64(9)
)
AS SELECT
    d.day AS day,
    w.whole AS whole,
    c.a1 AS `cell.site`,
    c.a2 AS `cell.establishment`,
    c.a3 AS `cell.modality`,
    c.a4 AS `cell.holds`,
    c.a5 AS `cell.left`,
    c.a6 AS `cell.numbered`,
    c.a7 AS `cell.known`,
    c.a8 AS `cell.study_key`,
    c.a9 AS `cell.images`,
    c.a10 AS `cell.studies`,
    c.a11 AS `cell.size`,
    c.a12 AS `cell.since`,
    now64(9) AS made_at
FROM
(
    SELECT DISTINCT day
    FROM ops.census_due
) AS d
LEFT JOIN
(
    SELECT
        day,
        groupArray(site) AS a1,
        groupArray(establishment) AS a2,
        groupArray(modality) AS a3,
        groupArray(holds) AS a4,
        groupArray(gone) AS a5,
        groupArray(numbered) AS a6,
        groupArray(known) AS a7,
        groupArray(key) AS a8,
        groupArray(odd_images) AS a9,
        groupArray(studies) AS a10,
        groupArray(size) AS a11,
        groupArray(since) AS a12
    FROM
    (
        SELECT
            day,
            site,
            establishment,
            modality,
            holds,
            gone,
            numbered,
            known,
            key,
            odd_images,
            toUInt32(count()) AS studies,
            sum(if(odd, bytes_told, 0)) AS size,
            min(if(odd, first_seen, toDateTime64(0, 3, 'UTC'))) AS since
        FROM
        (
            SELECT
                h.day AS day,
                h.place.1 AS site,
                h.place.2 AS establishment,
                h.kind AS modality,
                h.holds AS holds,
                h.gone AS gone,
                arrayFilter((system, number) -> (number IN (
                    SELECT arrayJoin([cityHash64(accession), cityHash64(study)])
                    FROM ops.exam
                    WHERE day IN (
                        SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 31) + n), range(63)))
                        FROM ops.census_due
                    )
                )), h.holds, h.numbers) AS numbered,
                toUInt8(h.study_key IN (
                    SELECT cityHash64(study)
                    FROM ops.exam
                    WHERE day IN (
                        SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 31) + n), range(63)))
                        FROM ops.census_due
                    )
                )) AS known,
                notEmpty(h.gone) OR (NOT hasAll(h.holds, a.systems)) OR (length(arrayDistinct(h.images)) > 1) OR (length(numbered) < length(h.holds)) AS odd,
                if(odd, h.study_key, 0) AS key,
                if(odd, h.images, []) AS odd_images,
                ifNull(s.size, 0) AS bytes_told,
                if(toUnixTimestamp64Milli(s.since) > 0, s.since, h.first_seen) AS first_seen
            FROM
            (
                SELECT
                    day,
                    study_key,
                    argMinIf(where_, first_told, (where_.1) != '') AS place,
                    argMinIf(kind_, first_told, kind_ != '') AS kind,
                    min(first_told) AS first_seen,
                    arraySort(groupArrayIf(system, seen > left)) AS holds,
                    arraySort(groupArrayIf(system, seen <= left)) AS gone,
                    arrayMap(one -> (one.2), arraySort(groupArrayIf((system, images_), seen > left))) AS images,
                    arrayMap(one -> (one.2), arraySort(groupArrayIf((system, number_), seen > left))) AS numbers
                FROM
                (
                    SELECT
                        day,
                        study_key,
                        toString(p.system) AS system,
                        max(seen_at) AS seen,
                        max(gone_at) AS left,
                        toInt64(ifNull(max(p.instances), -1)) AS images_,
                        argMaxIf(accession_key, p.seen_at, accession_key != cityHash64('')) AS number_,
                        min(p.first_at) AS first_told,
                        argMinIf((toString(site), toString(establishment)), p.first_at, site != '') AS where_,
                        argMinIf(toString(modality), p.first_at, modality != '') AS kind_
                    FROM ops.census_presence AS p
                    WHERE day IN (
                        SELECT day
                        FROM ops.census_due
                    )
                    GROUP BY
                        day,
                        study_key,
                        system
                )
                GROUP BY
                    day,
                    study_key
            ) AS h
            LEFT JOIN
            (
                SELECT
                    day,
                    groupUniqArray(toString(system)) AS systems
                FROM ops.census_asked
                WHERE day IN (
                    SELECT day
                    FROM ops.census_due
                )
                GROUP BY day
            ) AS a ON a.day = h.day
            LEFT JOIN
            (
                SELECT
                    study_key,
                    max(system_bytes) AS size,
                    min(system_since) AS since
                FROM
                (
                    SELECT
                        study_key,
                        to_system,
                        sum(bytes) AS system_bytes,
                        minIf(stored_at, image = 1) AS system_since
                    FROM ops.study_stored
                    WHERE day IN (
                        SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 1) + n), range(9)))
                        FROM ops.census_due
                    )
                    GROUP BY
                        study_key,
                        to_system
                    HAVING toUnixTimestamp64Milli(system_since) > 0
                )
                GROUP BY study_key
            ) AS s ON s.study_key = h.study_key
        )
        GROUP BY
            day,
            site,
            establishment,
            modality,
            holds,
            gone,
            numbered,
            known,
            key,
            odd_images
    )
    GROUP BY day
) AS c ON c.day = d.day
LEFT JOIN
(
    SELECT
        day,
        arraySort(groupUniqArrayIf(toString(system), toUnixTimestamp64Milli(complete_at) > 0)) AS whole
    FROM ops.census_asked
    WHERE day IN (
        SELECT day
        FROM ops.census_due
    )
    GROUP BY day
) AS w ON w.day = d.day;

CREATE TABLE ops.census_due
(
    `day` Date
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW ops.census_due_asked_mv TO ops.census_due
(
    `day` Date
)
AS SELECT DISTINCT day
FROM ops.census_asked;

CREATE MATERIALIZED VIEW ops.census_due_presence_mv TO ops.census_due
(
    `day` Date
)
AS SELECT DISTINCT day
FROM ops.census_presence;

CREATE TABLE ops.census_presence
(
    `day` Date,
    `study_key` UInt64,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `accession_key` UInt64,
    `first_at` SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `seen_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `gone_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `instances` SimpleAggregateFunction(max, Nullable(UInt32))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, study_key, system, site, establishment, modality, accession_key)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.census_presence_mv TO ops.census_presence
(
    `day` Date,
    `study_key` UInt64,
    `system` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `accession_key` UInt64,
    `first_at` DateTime64(3, 'UTC'),
    `seen_at` DateTime64(3, 'UTC'),
    `gone_at` DateTime64(3, 'UTC'),
    `instances` Nullable(UInt32)
)
AS SELECT
    toDate(study_date) AS day,
    cityHash64(study) AS study_key,
    system,
    site,
    establishment,
    modality,
    cityHash64(accession) AS accession_key,
    min(occurred_at) AS first_at,
    maxIf(occurred_at, state = 'seen') AS seen_at,
    maxIf(occurred_at, state = 'gone') AS gone_at,
    max(s.instances) AS instances
FROM ops.census_study AS s
GROUP BY
    day,
    study_key,
    system,
    site,
    establishment,
    modality,
    accession_key;

CREATE TABLE ops.census_study
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `study_date` Date,
    `modality` LowCardinality(String),
    `study` String,
    `accession` String,
    `instances` Nullable(UInt32),
    `bytes` Nullable(UInt64),
    `state` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (study_date, system, study, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.completeness_day
(
    `day` Date,
    `cell.site` Array(LowCardinality(String)),
    `cell.establishment` Array(LowCardinality(String)),
    `cell.modality` Array(LowCardinality(String)),
    `cell.system` Array(LowCardinality(String)),
    `cell.studies` Array(UInt32),
    `cell.by_modality` Array(UInt32),
    `cell.told` Array(UInt64),
    `cell.kept` Array(UInt64),
    `cell.short` Array(UInt32),
    `made_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.completeness_day_mv TO ops.completeness_day
(
    `day` Date,
    `cell.site` Array(String),
    `cell.establishment` Array(String),
    `cell.modality` Array(String),
    `cell.system` Array(String),
    `cell.studies` Array(UInt32),
    `cell.by_modality` Array(UInt32),
    `cell.told` Array(UInt64),
    `cell.kept` Array(UInt64),
    `cell.short` Array(UInt32),
    `made_at` DateTime64(9)
)
AS SELECT
    d.day AS day,
    c.a1 AS `cell.site`,
    c.a2 AS `cell.establishment`,
    c.a3 AS `cell.modality`,
    c.a4 AS `cell.system`,
    c.a5 AS `cell.studies`,
    c.a6 AS `cell.by_modality`,
    c.a7 AS `cell.told`,
    c.a8 AS `cell.kept`,
    c.a9 AS `cell.short`,
    now64(9) AS made_at
FROM
(
    SELECT DISTINCT day
    FROM ops.census_due
) AS d
LEFT JOIN
(
    SELECT
        day,
        groupArray(site) AS a1,
        groupArray(establishment) AS a2,
        groupArray(modality) AS a3,
        groupArray(system) AS a4,
        groupArray(studies) AS a5,
        groupArray(by_modality) AS a6,
        groupArray(told) AS a7,
        groupArray(kept) AS a8,
        groupArray(short) AS a9
    FROM
    (
        SELECT
            day,
            place.1 AS site,
            place.2 AS establishment,
            kind AS modality,
            system,
            toUInt32(count()) AS studies,
            toUInt32(countIf(by_step > 0)) AS by_modality,
            toUInt64(sum(announced)) AS told,
            toUInt64(sum(least(announced, images))) AS kept,
            toUInt32(countIf(images < announced)) AS short
        FROM
        (
            SELECT
                h.day AS day,
                h.place AS place,
                h.kind AS kind,
                h.system AS system,
                h.images AS images,
                t.told AS by_step,
                toInt64(if(t.told > 0, t.told, ifNull(s.sent, 0))) AS announced
            FROM
            (
                SELECT
                    day,
                    study_key,
                    place,
                    kind,
                    one.1 AS system,
                    one.2 AS images
                FROM
                (
                    SELECT
                        day,
                        study_key,
                        argMinIf(where_, first_told, (where_.1) != '') AS place,
                        argMinIf(kind_, first_told, kind_ != '') AS kind,
                        groupArrayIf((system, images_), (seen > left) AND (images_ >= 0)) AS held
                    FROM
                    (
                        SELECT
                            day,
                            study_key,
                            toString(p.system) AS system,
                            max(seen_at) AS seen,
                            max(gone_at) AS left,
                            toInt64(ifNull(max(p.instances), -1)) AS images_,
                            min(p.first_at) AS first_told,
                            argMinIf((toString(site), toString(establishment)), p.first_at, site != '') AS where_,
                            argMinIf(toString(modality), p.first_at, modality != '') AS kind_
                        FROM ops.census_presence AS p
                        WHERE day IN (
                            SELECT day
                            FROM ops.census_due
                        )
                        GROUP BY
                            day,
                            study_key,
                            system
                    )
                    GROUP BY
                        day,
                        study_key
                )
                ARRAY JOIN held AS one
            ) AS h
            LEFT JOIN
            (
                SELECT
                    study_key,
                    sum(told_step) AS told
                FROM
                (
                    SELECT
                        study_key,
                        step_key,
                        argMaxMerge(instances) AS told_step
                    FROM ops.study_announced
                    WHERE day IN (
                        SELECT DISTINCT arrayJoin([day - 1, day, day + 1])
                        FROM ops.census_due
                    )
                    GROUP BY
                        study_key,
                        step_key
                )
                GROUP BY study_key
            ) AS t ON t.study_key = h.study_key
            LEFT JOIN
            (
                SELECT
                    study_key,
                    system,
                    max(images) AS sent
                FROM
                (
                    SELECT
                        study_key,
                        toString(to_system) AS system,
                        sender,
                        sum(instances) AS images
                    FROM ops.study_stored
                    WHERE (image = 1) AND (day IN (
                        SELECT DISTINCT arrayJoin(arrayMap(n -> ((day - 1) + n), range(9)))
                        FROM ops.census_due
                    ))
                    GROUP BY
                        study_key,
                        system,
                        sender
                )
                GROUP BY
                    study_key,
                    system
            ) AS s ON (s.study_key = h.study_key) AND (s.system = h.system)
            WHERE announced > 0
        )
        GROUP BY
            day,
            site,
            establishment,
            modality,
            system
    )
    GROUP BY day
) AS c ON c.day = d.day;

CREATE TABLE ops.exam
(
    `day` Date,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `accession` String,
    `outcome` LowCardinality(String),
    `source` LowCardinality(String),
    `modality` LowCardinality(String),
    `room` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `ordered_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `scheduled_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `appointment_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `arrived_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `started_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `ended_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `available_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `opened_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `drafted_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `signed_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `distributed_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `cancelled_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `asked_elsewhere_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `answered_elsewhere_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `answer_elsewhere` LowCardinality(String),
    `reason` LowCardinality(String),
    `reader_id` String,
    `reader_site` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `messages` UInt32,
    `lane` LowCardinality(String),
    `retention` LowCardinality(String),
    `version` DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `gone` UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY (lane, retention, toYYYYMM(day))
ORDER BY (lane, retention, day, site, accession)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE TABLE ops.exam_compared
(
    `day` Date,
    `whole` Array(LowCardinality(String)),
    `cell.site` Array(LowCardinality(String)),
    `cell.establishment` Array(LowCardinality(String)),
    `cell.modality` Array(LowCardinality(String)),
    `cell.held` Array(Array(LowCardinality(String))),
    `cell.exam_key` Array(UInt64),
    `cell.exams` Array(UInt32),
    `made_at` DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.exam_compared_mv TO ops.exam_compared
(
    `day` Date,
    `whole` Array(String),
    `cell.site` Array(String),
    `cell.establishment` Array(String),
    `cell.modality` Array(String),
    `cell.held` Array(Array(String)),
    `cell.exam_key` Array(UInt64),
    `cell.exams` Array(UInt32),
    `made_at` DateTime64(9)
)
AS SELECT
    d.day AS day,
    w.whole AS whole,
    c.a1 AS `cell.site`,
    c.a2 AS `cell.establishment`,
    c.a3 AS `cell.modality`,
    c.a4 AS `cell.held`,
    c.a5 AS `cell.exam_key`,
    c.a6 AS `cell.exams`,
    now64(9) AS made_at
FROM
(
    SELECT DISTINCT day
    FROM ops.census_due
) AS d
LEFT JOIN
(
    SELECT
        day,
        groupArray(site) AS a1,
        groupArray(establishment) AS a2,
        groupArray(modality) AS a3,
        groupArray(held) AS a4,
        groupArray(key) AS a5,
        groupArray(exams) AS a6
    FROM
    (
        SELECT
            e.day AS day,
            e.site AS site,
            e.establishment AS establishment,
            e.modality AS modality,
            arraySort(arrayDistinct(arrayConcat(n.systems, u.systems))) AS held,
            if(hasAll(held, a.systems), 0, e.number) AS key,
            toUInt32(count()) AS exams
        FROM
        (
            SELECT
                day,
                site,
                establishment,
                modality,
                cityHash64(accession) AS number,
                if(study = '', 0, cityHash64(study)) AS uid
            FROM ops.exam
            FINAL
            WHERE (outcome = 'done') AND (day IN (
                SELECT day
                FROM ops.census_due
            ))
        ) AS e
        LEFT JOIN
        (
            SELECT
                accession_key AS name,
                groupUniqArray(system) AS systems
            FROM
            (
                SELECT
                    study_key,
                    accession_key,
                    toString(system) AS system
                FROM ops.census_presence
                WHERE (accession_key != cityHash64('')) AND (day IN (
                    SELECT DISTINCT arrayJoin([day - 1, day, day + 1])
                    FROM ops.census_due
                ))
                GROUP BY
                    study_key,
                    accession_key,
                    system
                HAVING max(seen_at) > max(gone_at)
            )
            WHERE (study_key, system) IN (
                SELECT
                    study_key,
                    toString(system)
                FROM ops.census_presence
                WHERE day IN (
                    SELECT DISTINCT arrayJoin([day - 1, day, day + 1])
                    FROM ops.census_due
                )
                GROUP BY
                    study_key,
                    system
                HAVING max(seen_at) > max(gone_at)
            )
            GROUP BY name
        ) AS n ON n.name = e.number
        LEFT JOIN
        (
            SELECT
                study_key AS name,
                groupUniqArray(system) AS systems
            FROM
            (
                SELECT
                    study_key,
                    toString(system) AS system
                FROM ops.census_presence
                WHERE day IN (
                    SELECT DISTINCT arrayJoin([day - 1, day, day + 1])
                    FROM ops.census_due
                )
                GROUP BY
                    study_key,
                    system
                HAVING max(seen_at) > max(gone_at)
            )
            GROUP BY name
        ) AS u ON u.name = e.uid
        LEFT JOIN
        (
            SELECT
                day,
                groupUniqArray(toString(system)) AS systems
            FROM ops.census_asked
            WHERE day IN (
                SELECT day
                FROM ops.census_due
            )
            GROUP BY day
        ) AS a ON a.day = e.day
        GROUP BY
            day,
            site,
            establishment,
            modality,
            held,
            key
    )
    GROUP BY day
) AS c ON c.day = d.day
LEFT JOIN
(
    SELECT
        day,
        arraySort(groupUniqArrayIf(toString(system), toUnixTimestamp64Milli(complete_at) > 0)) AS whole
    FROM ops.census_asked
    WHERE day IN (
        SELECT day
        FROM ops.census_due
    )
    GROUP BY day
) AS w ON w.day = d.day;

CREATE TABLE ops.exam_daily
(
    `day` Date,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `milestone` LowCardinality(String),
    `modality` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `actor_site` LowCardinality(String),
    `exams` AggregateFunction(uniqExact, String),
    `events` SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, site, establishment, milestone, modality, priority, patient_class, actor_site)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.exam_daily_mv TO ops.exam_daily
(
    `day` Date,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `milestone` LowCardinality(String),
    `modality` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `actor_site` LowCardinality(String),
    `exams` AggregateFunction(uniqExact, String),
    `events` UInt64
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    site,
    establishment,
    milestone,
    modality,
    priority,
    patient_class,
    actor_site,
    uniqExactState(accession) AS exams,
    count() AS events
FROM ops.exam_event
GROUP BY
    day,
    site,
    establishment,
    milestone,
    modality,
    priority,
    patient_class,
    actor_site;

CREATE TABLE ops.exam_event
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `milestone` LowCardinality(String),
    `accession` String,
    `study` String,
    `patient` Nullable(FixedString(16)),
    `room` LowCardinality(String),
    `modality` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `actor_id` String,
    `actor_role` LowCardinality(String),
    `actor_site` LowCardinality(String),
    `told_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `told_sequence` Nullable(UInt64),
    `order_number` String,
    `step` String,
    `appointment_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `ins_status` LowCardinality(String),
    `report_status` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `organisation` LowCardinality(String),
    `reason` LowCardinality(String),
    `instances` Nullable(UInt32),
    `documents` Nullable(UInt16),
    `document_bytes` Nullable(UInt64),
    INDEX by_accession accession TYPE bloom_filter GRANULARITY 4,
    INDEX by_block block TYPE minmax GRANULARITY 1,
    INDEX by_time occurred_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, milestone, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.exam_mv TO ops.exam
(
    `day` Date,
    `site` String,
    `establishment` String,
    `accession` String,
    `outcome` String,
    `source` String,
    `modality` String,
    `room` String,
    `procedure_code` String,
    `priority` String,
    `patient_class` String,
    `ordered_at` Nullable(DateTime64(3, 'UTC')),
    `scheduled_at` Nullable(DateTime64(3, 'UTC')),
    `appointment_at` Nullable(DateTime64(3, 'UTC')),
    `arrived_at` Nullable(DateTime64(3, 'UTC')),
    `started_at` Nullable(DateTime64(3, 'UTC')),
    `ended_at` Nullable(DateTime64(3, 'UTC')),
    `available_at` Nullable(DateTime64(3, 'UTC')),
    `opened_at` Nullable(DateTime64(3, 'UTC')),
    `drafted_at` Nullable(DateTime64(3, 'UTC')),
    `signed_at` Nullable(DateTime64(3, 'UTC')),
    `distributed_at` Nullable(DateTime64(3, 'UTC')),
    `cancelled_at` Nullable(DateTime64(3, 'UTC')),
    `asked_elsewhere_at` Nullable(DateTime64(3, 'UTC')),
    `answered_elsewhere_at` Nullable(DateTime64(3, 'UTC')),
    `answer_elsewhere` String,
    `reason` String,
    `reader_id` String,
    `reader_site` String,
    `reader_level` String,
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `messages` UInt32,
    `lane` String,
    `retention` String,
    `version` DateTime64(9, 'UTC'),
    `gone` Int16
)
AS SELECT
    toDate(coalesce(ended_at, started_at, appointment_at, arrived_at, missed_at, first_at), 'Europe/Paris') AS day,
    place.1 AS site,
    place.2 AS establishment,
    accession,
    multiIf((state IN ('cancelled', 'no-show')), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
    (t.13)[1] AS source,
    arrayFirst(one -> (one != ''), t.19) AS modality,
    arrayFirst(one -> (one != ''), t.18) AS room,
    arrayFirst(one -> (one != ''), t.20) AS procedure_code,
    arrayFirst(one -> (one != ''), t.21) AS priority,
    arrayFirst(one -> (one != ''), t.22) AS patient_class,
    arrayReduce('minOrNullIf', at, arrayMap((one, n) -> ((one = 'ordered') AND (n = 1)), said, nth)) AS ordered_at,
    arrayReduce('minOrNullIf', at, arrayMap((one, n) -> ((one = 'scheduled') AND (n = 1)), said, nth)) AS scheduled_at,
    arrayFirst(one -> (one IS NOT NULL), m.23) AS appointment_at,
    arrayReduce('minOrNullIf', at, arrayMap((one, n) -> ((one = 'arrived') AND (n = 1)), said, nth)) AS arrived_at,
    arrayReduce('minOrNullIf', at, arrayMap((one, n) -> ((one = 'started') AND (n = 1)), said, nth)) AS started_at,
    arrayReduce('maxOrNullIf', at, arrayMap((one, n) -> ((one = 'ended') AND (n = 1)), said, nth)) AS ended_at,
    arrayReduce('maxOrNullIf', at, arrayMap((one, n) -> ((one = 'available') AND (n = 1)), said, nth)) AS available_at,
    arrayReduce('minOrNullIf', at, arrayMap(one -> (one = 'opened'), said)) AS opened_at,
    arrayReduce('minOrNullIf', at, arrayMap(one -> (one = 'drafted'), said)) AS drafted_at,
    if(report = 0, arrayReduce('minOrNullIf', at, arrayMap(one -> (one = 'signed'), said)), at[report]) AS signed_at,
    arrayReduce('minOrNullIf', at, arrayMap(one -> (one = 'distributed'), said)) AS distributed_at,
    if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
    arrayReduce('minOrNullIf', at, arrayMap(one -> (one = 'requested-elsewhere'), said)) AS asked_elsewhere_at,
    if(answer = 0, NULL, at[answer]) AS answered_elsewhere_at,
    if(answer = 0, '', replaceOne(said[answer], '-elsewhere', '')) AS answer_elsewhere,
    if((outcome IN ('cancelled', 'no-show')), (m.27)[miss], '') AS reason,
    if(report = 0, '', (m.24)[report]) AS reader_id,
    if(report = 0, '', (m.25)[report]) AS reader_site,
    if(report = 0, '', (m.26)[report]) AS reader_level,
    arrayFirst(one -> (one != ''), t.14) AS study,
    arrayFirst(one -> (one IS NOT NULL), t.15) AS patient,
    arrayFirst(one -> (one IS NOT NULL), t.16) AS visit,
    arrayFirst(one -> (one IS NOT NULL), m.17) AS acts,
    toUInt32(arrayUniq(t.6, t.4, t.5)) AS messages,
    lane,
    retention,
    addNanoseconds(now64(9, 'UTC'), pass) AS version,
    1 - pass AS gone
FROM
(
    SELECT
        accession,
        pass,
        lane,
        retention,
        t,
        m,
        m.7 AS said,
        m.10 AS at,
        arrayEnumerateUniq(said, m.8, m.9) AS nth,
        arrayMin(at) AS first_at,
        arrayFirst(one -> ((one.1) != ''), arrayZip(t.11, t.12)) AS place,
        arrayFirst(one -> (one IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show')), said) AS state,
        arrayFirstIndex(one -> (one IN ('cancelled', 'no-show')), said) AS miss,
        if(miss = 0, NULL, at[miss]) AS missed_at,
        arrayFirstIndex((one, again) -> ((one = 'signed') AND (NOT again)), said, m.9) AS report,
        arrayFirstIndex(one -> (one IN ('accepted-elsewhere', 'refused-elsewhere', 'cancelled-elsewhere')), said) AS answer
    FROM
    (
        SELECT
            accession,
            pass,
            lane,
            retention,
            t,
            if(cut = 0, t, arraySlice(t, 1, cut - 1)) AS m
        FROM
        (
            SELECT
                accession,
                pass,
                lane,
                retention,
                t,
                if(latest_order = 0, 0, arrayFirstIndex((one, n) -> ((one = 'cancelled') AND (n > latest_order)), t.7, arrayEnumerate(t.7))) AS cut
            FROM
            (
                SELECT
                    accession,
                    pass,
                    lane,
                    retention,
                    t,
                    arrayFirstIndex(one -> (one = 'ordered'), t.7) AS latest_order
                FROM
                (
                    SELECT
                        accession,
                        pass,
                        max(lane) AS lane,
                        max(retention) AS retention,
                        arrayReverseSort(one -> (one.1, one.2, one.3, one.4, one.5), groupArray((told_at, told_sequence, received_at, seq, sub, collector, milestone, step, (milestone = 'signed') AND (report_status IN ('addendum', 'corrected')), occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class, appointment_at, actor_id, actor_site, reader_level, reason))) AS t
                    FROM
                    (
                        SELECT
                            1 AS pass,
                            *
                        FROM ops.exam_named
                        UNION ALL
                        SELECT
                            arrayJoin(if(((collector, lane, seq, sub) IN (
                                SELECT
                                    collector,
                                    lane,
                                    seq,
                                    sub
                                FROM ops.exam_named
                            )), [1], [0, 1])) AS pass,
                            *
                        FROM ops.exam_told
                        WHERE accession IN (
                            SELECT accession
                            FROM ops.exam_named
                        )
                    )
                    GROUP BY
                        accession,
                        pass
                )
            )
        )
    )
);

CREATE TABLE ops.exam_named
(
    `accession` String,
    `milestone` LowCardinality(String),
    `step` String,
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `told_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `told_sequence` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `room` LowCardinality(String),
    `modality` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `appointment_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `actor_id` String,
    `actor_site` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `report_status` LowCardinality(String),
    `reason` LowCardinality(String),
    `retention` LowCardinality(String),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
ENGINE = `Null`;

CREATE MATERIALIZED VIEW ops.exam_named_mv TO ops.exam_named
(
    `accession` String,
    `milestone` LowCardinality(String),
    `step` String,
    `occurred_at` DateTime64(3, 'UTC'),
    `told_at` DateTime64(3, 'UTC'),
    `told_sequence` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `room` LowCardinality(String),
    `modality` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `appointment_at` Nullable(DateTime64(3, 'UTC')),
    `actor_id` String,
    `actor_site` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `report_status` LowCardinality(String),
    `reason` LowCardinality(String),
    `retention` LowCardinality(String),
    `received_at` DateTime64(3, 'UTC'),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
AS SELECT *
FROM ops.exam_told;

CREATE TABLE ops.exam_told
(
    `accession` String,
    `milestone` LowCardinality(String),
    `step` String,
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `told_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `told_sequence` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `room` LowCardinality(String),
    `modality` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `appointment_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `actor_id` String,
    `actor_site` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `report_status` LowCardinality(String),
    `reason` LowCardinality(String),
    `retention` LowCardinality(String),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (accession, milestone, collector, seq, sub)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

CREATE MATERIALIZED VIEW ops.exam_told_mv TO ops.exam_told
(
    `accession` String,
    `milestone` LowCardinality(String),
    `step` String,
    `occurred_at` DateTime64(3, 'UTC'),
    `told_at` DateTime64(3, 'UTC'),
    `told_sequence` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `study` String,
    `patient` Nullable(FixedString(16)),
    `visit` Nullable(FixedString(16)),
    `acts` Nullable(UInt16),
    `room` LowCardinality(String),
    `modality` LowCardinality(String),
    `procedure_code` LowCardinality(String),
    `priority` LowCardinality(String),
    `patient_class` LowCardinality(String),
    `appointment_at` Nullable(DateTime64(3, 'UTC')),
    `actor_id` String,
    `actor_site` LowCardinality(String),
    `reader_level` LowCardinality(String),
    `report_status` LowCardinality(String),
    `reason` LowCardinality(String),
    `retention` LowCardinality(String),
    `received_at` DateTime64(3, 'UTC'),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16
)
AS SELECT
    accession,
    milestone,
    step,
    occurred_at,
    coalesce(told_at, received_at) AS told_at,
    ifNull(told_sequence, 0) AS told_sequence,
    source,
    site,
    establishment,
    study,
    patient,
    visit,
    acts,
    room,
    modality,
    procedure_code,
    priority,
    patient_class,
    appointment_at,
    actor_id,
    actor_site,
    reader_level,
    report_status,
    reason,
    retention,
    received_at,
    lane,
    collector,
    seq,
    sub
FROM ops.exam_event
WHERE accession != '';

CREATE TABLE ops.feed_minute
(
    `minute` DateTime('UTC'),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `transport` LowCardinality(String),
    `received` UInt64,
    `stored` UInt64,
    `duplicate` UInt64,
    `quarantined` UInt64,
    `repaired` UInt64,
    `bytes` UInt64,
    `last_at` DateTime64(3, 'UTC'),
    `delay_ms_sum` Int64,
    `delay_ms_max` Int64,
    `delayed` UInt64,
    `retention` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(minute))
ORDER BY (source, minute, collector, block)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.feed_trait
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `trait` LowCardinality(String),
    `value` LowCardinality(String),
    `run` UInt32,
    `from_at` DateTime64(3, 'UTC'),
    `to_at` DateTime64(3, 'UTC'),
    `messages` UInt64,
    `first` UInt64,
    `last` UInt64,
    `retention` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(from_at))
ORDER BY (source, trait, from_at, collector, block, run)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.gauge
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `gauge` LowCardinality(String),
    `label` LowCardinality(String),
    `unit` LowCardinality(String),
    `value` UInt64 CODEC(Delta(8), ZSTD(1)),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, gauge, label, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.gauge_hourly
(
    `hour` DateTime('UTC'),
    `system` LowCardinality(String),
    `gauge` LowCardinality(String),
    `label` LowCardinality(String),
    `unit` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `last` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    `lowest` SimpleAggregateFunction(min, UInt64),
    `highest` SimpleAggregateFunction(max, UInt64),
    `samples` SimpleAggregateFunction(sum, UInt64),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (system, hour, gauge, label, unit, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.gauge_hourly_mv TO ops.gauge_hourly
(
    `hour` DateTime('UTC'),
    `system` LowCardinality(String),
    `gauge` LowCardinality(String),
    `label` LowCardinality(String),
    `unit` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `last` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    `lowest` UInt64,
    `highest` UInt64,
    `samples` UInt64,
    `last_at` DateTime64(3, 'UTC')
)
AS SELECT
    toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour,
    system,
    gauge,
    label,
    unit,
    site,
    establishment,
    argMaxState(g.value, g.occurred_at) AS last,
    min(g.value) AS lowest,
    max(g.value) AS highest,
    count() AS samples,
    max(g.occurred_at) AS last_at
FROM ops.gauge AS g
GROUP BY
    hour,
    system,
    gauge,
    label,
    unit,
    site,
    establishment;

CREATE TABLE ops.peer_daily
(
    `day` Date,
    `peer` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `transfers` SimpleAggregateFunction(sum, UInt64),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, peer, calling_ae, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.peer_daily_mv TO ops.peer_daily
(
    `day` Date,
    `peer` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `transfers` UInt64,
    `last_at` DateTime64(3, 'UTC')
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    peer,
    calling_ae,
    site,
    establishment,
    count() AS transfers,
    max(occurred_at) AS last_at
FROM ops.transfer
WHERE (peer != '') AND (NOT startsWith(called_ae, '/'))
GROUP BY
    day,
    peer,
    calling_ae,
    site,
    establishment;

CREATE TABLE ops.probe_minute
(
    `minute` DateTime('UTC'),
    `system` LowCardinality(String),
    `probe` LowCardinality(String),
    `kind` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `checks` SimpleAggregateFunction(sum, UInt64),
    `successes` SimpleAggregateFunction(sum, UInt64),
    `latency_ms` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `latency_max_ms` SimpleAggregateFunction(max, Nullable(UInt32))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (system, probe, minute, kind, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.probe_minute_mv TO ops.probe_minute
(
    `minute` DateTime('UTC'),
    `system` LowCardinality(String),
    `probe` LowCardinality(String),
    `kind` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `checks` UInt64,
    `successes` UInt64,
    `latency_ms` Nullable(UInt64),
    `latency_max_ms` Nullable(UInt32)
)
AS SELECT
    toStartOfMinute(toDateTime(occurred_at, 'UTC')) AS minute,
    system,
    probe,
    kind,
    site,
    establishment,
    count() AS checks,
    sum(toUInt64(success)) AS successes,
    sum(toUInt64(r.latency_ms)) AS latency_ms,
    max(r.latency_ms) AS latency_max_ms
FROM ops.probe_result AS r
GROUP BY
    minute,
    system,
    probe,
    kind,
    site,
    establishment;

CREATE TABLE ops.probe_result
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `probe` LowCardinality(String),
    `kind` LowCardinality(String),
    `success` UInt8,
    `latency_ms` Nullable(UInt32),
    `detail` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, probe, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.signal
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64,
    `sub` UInt16,
    `block` UInt64,
    `received_at` DateTime64(3, 'UTC'),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC'),
    `code` LowCardinality(String),
    `severity` LowCardinality(String),
    `state` LowCardinality(String),
    `subject` String,
    `params` String,
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (code, subject, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.storage_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `pool` LowCardinality(String),
    `tier` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `capacity` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `used` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    `studies` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, pool, tier, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.storage_daily_mv TO ops.storage_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `pool` LowCardinality(String),
    `tier` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `capacity` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `used` AggregateFunction(argMax, UInt64, DateTime64(3, 'UTC')),
    `studies` AggregateFunction(argMax, Nullable(UInt64), DateTime64(3, 'UTC')),
    `last_at` DateTime64(3, 'UTC')
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    system,
    pool,
    tier,
    site,
    establishment,
    argMaxState(capacity, occurred_at) AS capacity,
    argMaxState(used, occurred_at) AS used,
    argMaxState(studies, occurred_at) AS studies,
    max(occurred_at) AS last_at
FROM ops.storage_sample
GROUP BY
    day,
    system,
    pool,
    tier,
    site,
    establishment;

CREATE TABLE ops.storage_sample
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `pool` LowCardinality(String),
    `tier` LowCardinality(String),
    `capacity` Nullable(UInt64),
    `used` UInt64,
    `studies` Nullable(UInt64),
    `instances` Nullable(UInt64),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, pool, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.study_announced
(
    `day` Date,
    `study_key` UInt64,
    `step_key` UInt64,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `instances` AggregateFunction(argMax, UInt32, Tuple(
        DateTime64(3, 'UTC'),
        UInt64,
        DateTime64(3, 'UTC'),
        UInt64))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, study_key, step_key, site, establishment)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.study_announced_mv TO ops.study_announced
(
    `day` Date,
    `study_key` UInt64,
    `step_key` UInt64,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `instances` AggregateFunction(argMax, UInt32, Tuple(
        DateTime64(3, 'UTC'),
        UInt64,
        DateTime64(3, 'UTC'),
        UInt64))
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    cityHash64(study) AS study_key,
    cityHash64(accession, step) AS step_key,
    site,
    establishment,
    argMaxState(assumeNotNull(e.instances), (coalesce(told_at, received_at), ifNull(told_sequence, 0), received_at, seq)) AS instances
FROM ops.exam_event AS e
WHERE (milestone = 'ended') AND (study != '') AND (e.instances IS NOT NULL)
GROUP BY
    day,
    study_key,
    step_key,
    site,
    establishment;

CREATE TABLE ops.study_stored
(
    `day` Date,
    `to_system` LowCardinality(String),
    `study_key` UInt64,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `sender` LowCardinality(String),
    `image` UInt8,
    `stored_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    `instances` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `bytes` SimpleAggregateFunction(sum, Nullable(UInt64))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, to_system, study_key, site, establishment, sender, image)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.study_stored_mv TO ops.study_stored
(
    `day` Date,
    `to_system` LowCardinality(String),
    `study_key` UInt64,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `sender` String,
    `image` UInt8,
    `stored_at` DateTime64(3, 'UTC'),
    `instances` Nullable(UInt64),
    `bytes` Nullable(UInt64)
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    to_system,
    cityHash64(study) AS study_key,
    site,
    establishment,
    if(from_system = '', calling_ae, from_system) AS sender,
    toUInt8((modality NOT IN ('SR', 'SEG', 'KO', 'PR', 'REG', 'FID', 'ANN', 'DOC', 'PLAN', 'RWV', 'AU', 'HC', 'ECG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'RTRECORD')) AND (NOT match(sop_class, '^1[.]2[.]840[.]10008[.]5[.]1[.]4[.]1[.]1[.](9[.]|11[.]|66([.]|$)|67$|68[.]|88[.]|91[.]|104[.]|131$|481[.][2-9])'))) AS image,
    max(occurred_at) AS stored_at,
    sum(toNullable(toUInt64(t.instances))) AS instances,
    sum(t.bytes) AS bytes
FROM ops.transfer AS t
WHERE (authoritative = 1) AND (service IN ('C-STORE', 'STOW')) AND (status IN ('success', 'warning')) AND (study != '') AND (to_system != '')
GROUP BY
    day,
    to_system,
    study_key,
    site,
    establishment,
    sender,
    image;

CREATE TABLE ops.study_volume
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `pool` LowCardinality(String),
    `tier` LowCardinality(String),
    `study` String,
    `modality` LowCardinality(String),
    `bytes` Int64,
    `instances` Int32,
    `reason` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, site, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.transfer
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `observer` LowCardinality(String),
    `authoritative` UInt8,
    `grain` LowCardinality(String),
    `service` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `called_ae` LowCardinality(String),
    `from_system` LowCardinality(String),
    `to_system` LowCardinality(String),
    `peer` LowCardinality(String),
    `modality` LowCardinality(String),
    `sop_class` LowCardinality(String),
    `study` String,
    `instances` Nullable(UInt32),
    `failures` Nullable(UInt32),
    `bytes` Nullable(UInt64),
    `duration_ms` Nullable(UInt32),
    `status` LowCardinality(String),
    `status_code` LowCardinality(String),
    `reason` LowCardinality(String),
    INDEX by_time occurred_at TYPE minmax GRANULARITY 1,
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, observer, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE VIEW ops.transfer_compared
AS SELECT
    if(day > toDate({from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris'), 'finished', 'earlier') AS part,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason,
    transfers,
    instances,
    bytes,
    duration_ms,
    last_at
FROM ops.transfer_daily
WHERE ({grain:String} != 'hour') AND (((day > toDate({from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris')) AND (day < toDate({complete:DateTime64(3)}, 'Europe/Paris'))) OR ((day > toDate({before_from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris')) AND (day < toDate({before_to:DateTime64(3)}, 'Europe/Paris'))))
UNION ALL
SELECT
    multiIf(hour >= {complete:DateTime64(3)}, 'running', hour >= {from:DateTime64(3)}, 'finished', 'earlier') AS part,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason,
    transfers,
    instances,
    bytes,
    duration_ms,
    last_at
FROM ops.transfer_hourly
WHERE ((hour >= {complete:DateTime64(3)}) AND (hour < {to:DateTime64(3)})) OR ((hour >= {from:DateTime64(3)}) AND (hour < {complete:DateTime64(3)}) AND (({grain:String} = 'hour') OR (hour < (toStartOfDay({from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris') + toIntervalDay(1))) OR (hour >= toStartOfDay({complete:DateTime64(3)}, 'Europe/Paris')))) OR ((hour >= {before_from:DateTime64(3)}) AND (hour < {before_to:DateTime64(3)}) AND (({grain:String} = 'hour') OR (hour < (toStartOfDay({before_from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris') + toIntervalDay(1))) OR (hour >= toStartOfDay({before_to:DateTime64(3)}, 'Europe/Paris'))));

CREATE TABLE ops.transfer_daily
(
    `day` Date,
    `authoritative` UInt8,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `observer` LowCardinality(String),
    `service` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `called_ae` LowCardinality(String),
    `from_system` LowCardinality(String),
    `to_system` LowCardinality(String),
    `status` LowCardinality(String),
    `reason` LowCardinality(String),
    `transfers` SimpleAggregateFunction(sum, UInt64),
    `instances` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `bytes` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `duration_ms` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, authoritative, site, establishment, observer, service, calling_ae, called_ae, from_system, to_system, status, reason)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.transfer_daily_mv TO ops.transfer_daily
(
    `day` Date,
    `authoritative` UInt8,
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `observer` LowCardinality(String),
    `service` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `called_ae` LowCardinality(String),
    `from_system` LowCardinality(String),
    `to_system` LowCardinality(String),
    `status` LowCardinality(String),
    `reason` LowCardinality(String),
    `transfers` UInt64,
    `instances` Nullable(UInt64),
    `bytes` Nullable(UInt64),
    `duration_ms` Nullable(UInt64),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
AS SELECT
    toDate(h.hour, 'Europe/Paris') AS day,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason,
    sum(h.transfers) AS transfers,
    sum(h.instances) AS instances,
    sum(h.bytes) AS bytes,
    sum(h.duration_ms) AS duration_ms,
    max(h.last_at) AS last_at
FROM ops.transfer_hourly AS h
GROUP BY
    day,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason;

CREATE TABLE ops.transfer_hourly
(
    `hour` DateTime('UTC'),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `observer` LowCardinality(String),
    `authoritative` UInt8,
    `service` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `called_ae` LowCardinality(String),
    `from_system` LowCardinality(String),
    `to_system` LowCardinality(String),
    `modality` LowCardinality(String),
    `status` LowCardinality(String),
    `reason` LowCardinality(String),
    `transfers` SimpleAggregateFunction(sum, UInt64),
    `instances` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `failures` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `bytes` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `duration_ms` SimpleAggregateFunction(sum, Nullable(UInt64)),
    `last_at` SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, site, establishment, observer, authoritative, service, calling_ae, called_ae, from_system, to_system, modality, status, reason)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.transfer_hourly_mv TO ops.transfer_hourly
(
    `hour` DateTime('UTC'),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `observer` LowCardinality(String),
    `authoritative` UInt8,
    `service` LowCardinality(String),
    `calling_ae` LowCardinality(String),
    `called_ae` LowCardinality(String),
    `from_system` LowCardinality(String),
    `to_system` LowCardinality(String),
    `modality` LowCardinality(String),
    `status` LowCardinality(String),
    `reason` LowCardinality(String),
    `transfers` UInt64,
    `instances` Nullable(UInt64),
    `failures` Nullable(UInt64),
    `bytes` Nullable(UInt64),
    `duration_ms` Nullable(UInt64),
    `last_at` DateTime64(3, 'UTC')
)
AS SELECT
    toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour,
    site,
    establishment,
    observer,
    authoritative,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    modality,
    status,
    reason,
    count() AS transfers,
    sum(toNullable(toUInt64(instances))) AS instances,
    sum(toUInt64(failures)) AS failures,
    sum(bytes) AS bytes,
    sum(toUInt64(duration_ms)) AS duration_ms,
    max(occurred_at) AS last_at
FROM ops.transfer
GROUP BY
    hour,
    site,
    establishment,
    observer,
    authoritative,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    modality,
    status,
    reason;

CREATE VIEW ops.transfer_span
AS SELECT
    toDateTime(toDateTime(day, 'Europe/Paris'), 'UTC') AS at,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason,
    transfers,
    instances,
    bytes,
    duration_ms,
    last_at
FROM ops.transfer_daily
WHERE ({grain:String} != 'hour') AND (day > toDate({from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris')) AND (day < toDate({to:DateTime64(3)}, 'Europe/Paris'))
UNION ALL
SELECT
    if({grain:String} = 'hour', hour, toDateTime(toStartOfDay(hour, 'Europe/Paris'), 'UTC')) AS at,
    authoritative,
    site,
    establishment,
    observer,
    service,
    calling_ae,
    called_ae,
    from_system,
    to_system,
    status,
    reason,
    transfers,
    instances,
    bytes,
    duration_ms,
    last_at
FROM ops.transfer_hourly
WHERE (hour >= {from:DateTime64(3)}) AND (hour < {to:DateTime64(3)}) AND (({grain:String} = 'hour') OR (hour < (toStartOfDay({from:DateTime64(3)} - toIntervalMillisecond(1), 'Europe/Paris') + toIntervalDay(1))) OR (hour >= toStartOfDay({to:DateTime64(3)}, 'Europe/Paris')));

CREATE TABLE ops.usage
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `system` LowCardinality(String),
    `kind` LowCardinality(String),
    `label` LowCardinality(String),
    `outcome` LowCardinality(String),
    `modality` LowCardinality(String),
    `count` UInt64,
    `period_s` Nullable(UInt32),
    `duration_ms` Nullable(UInt64),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (system, kind, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.usage_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `kind` LowCardinality(String),
    `label` LowCardinality(String),
    `outcome` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `uses` SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, kind, label, outcome, site, establishment, modality)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.usage_daily_mv TO ops.usage_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `kind` LowCardinality(String),
    `label` LowCardinality(String),
    `outcome` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `uses` UInt64
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    system,
    kind,
    label,
    outcome,
    site,
    establishment,
    modality,
    sum(u.count) AS uses
FROM ops.usage AS u
GROUP BY
    day,
    system,
    kind,
    label,
    outcome,
    site,
    establishment,
    modality;

CREATE TABLE ops.visit_event
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `seq` UInt64 CODEC(Delta(8), ZSTD(1)),
    `sub` UInt16,
    `block` UInt64 CODEC(Delta(8), ZSTD(1)),
    `received_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `source` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `decoder` LowCardinality(String),
    `retention` LowCardinality(String),
    `occurred_at` DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    `told_at` Nullable(DateTime64(3, 'UTC')) CODEC(Delta(8), ZSTD(1)),
    `event` LowCardinality(String),
    `visit` Nullable(FixedString(16)),
    `patient` Nullable(FixedString(16)),
    `patient_class` LowCardinality(String),
    `unit` LowCardinality(String),
    `ins_status` LowCardinality(String),
    `merged` UInt16,
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (site, event, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE ops.volume_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `tier` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `bytes` SimpleAggregateFunction(sum, Int64),
    `instances` SimpleAggregateFunction(sum, Int64),
    `changes` SimpleAggregateFunction(sum, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, system, tier, site, establishment, modality)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1;

CREATE MATERIALIZED VIEW ops.volume_daily_mv TO ops.volume_daily
(
    `day` Date,
    `system` LowCardinality(String),
    `tier` LowCardinality(String),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `modality` LowCardinality(String),
    `bytes` Int64,
    `instances` Int64,
    `changes` UInt64
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    system,
    tier,
    site,
    establishment,
    modality,
    sum(bytes) AS bytes,
    sum(toInt64(instances)) AS instances,
    count() AS changes
FROM ops.study_volume
GROUP BY
    day,
    system,
    tier,
    site,
    establishment,
    modality;

CREATE TABLE ops.web_opening
(
    `day` Date,
    `observer` LowCardinality(String),
    `hour` DateTime('UTC'),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `peer` LowCardinality(String),
    `study_key` UInt64,
    `opens` SimpleAggregateFunction(sum, UInt64),
    `images` SimpleAggregateFunction(sum, UInt64),
    `first_at` SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    `image_at` SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC'))),
    `requests` SimpleAggregateFunction(sum, UInt64),
    `failed` SimpleAggregateFunction(sum, UInt64),
    `bytes` SimpleAggregateFunction(sum, Nullable(UInt64))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (observer, day, hour, site, establishment, peer, study_key)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_age_to_force_merge_seconds = 86400, min_age_to_force_merge_on_partition_only = 1, index_granularity = 8192;

CREATE MATERIALIZED VIEW ops.web_opening_mv TO ops.web_opening
(
    `day` Date,
    `observer` LowCardinality(String),
    `hour` DateTime('UTC'),
    `site` LowCardinality(String),
    `establishment` LowCardinality(String),
    `peer` LowCardinality(String),
    `study_key` UInt64,
    `opens` UInt64,
    `images` UInt64,
    `first_at` DateTime64(3, 'UTC'),
    `image_at` Nullable(DateTime64(3, 'UTC')),
    `requests` UInt64,
    `failed` UInt64,
    `bytes` Nullable(UInt64)
)
AS SELECT
    toDate(occurred_at, 'Europe/Paris') AS day,
    observer,
    toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour,
    site,
    establishment,
    peer,
    cityHash64(study) AS study_key,
    countIf((study != '') AND ((service = 'QIDO') OR endsWith(called_ae, '/metadata') OR (called_ae = '/wado'))) AS opens,
    countIf((status IN ('success', 'warning')) AND ((called_ae = '/wado') OR ((service = 'WADO') AND (NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))))) AS images,
    min(occurred_at) AS first_at,
    minOrNullIf(addMilliseconds(occurred_at, ifNull(w.duration_ms, 0)), (status IN ('success', 'warning')) AND ((called_ae = '/wado') OR ((service = 'WADO') AND (NOT match(called_ae, '/(metadata|thumbnail|bulkdata|other)$'))))) AS image_at,
    count() AS requests,
    countIf(status IN ('failure', 'aborted')) AS failed,
    sum(w.bytes) AS bytes
FROM ops.transfer AS w
WHERE (grain = 'request') AND (service != 'HTTP')
GROUP BY
    day,
    observer,
    hour,
    site,
    establishment,
    peer,
    study_key;

CREATE TABLE vault.held_raw
(
    `hold` LowCardinality(String),
    `held_at` DateTime64(3, 'UTC'),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `seq` UInt64,
    `wrapped_key` String,
    `object` String CODEC(NONE),
    `proof` String CODEC(NONE)
)
ENGINE = MergeTree
PARTITION BY hold
ORDER BY (hold, lane, collector, seq)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, index_granularity = 8192;

CREATE TABLE vault.identity
(
    `pseudonym` FixedString(16),
    `kind` LowCardinality(String),
    `epoch` LowCardinality(String),
    `establishment` LowCardinality(String),
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `seq` UInt64,
    `received_at` DateTime64(3, 'UTC'),
    `wrapped_key` String,
    `sealed` String,
    `retention` LowCardinality(String),
    INDEX by_block block TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (pseudonym, received_at, collector, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;

CREATE TABLE vault.raw_block
(
    `lane` LowCardinality(String),
    `collector` LowCardinality(String),
    `block` UInt64,
    `records` UInt32,
    `sealed_at` DateTime64(3, 'UTC'),
    `raw_bytes` UInt64,
    `wrapped_key` String,
    `object` String CODEC(NONE),
    `hash` FixedString(32),
    `retention` LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(sealed_at))
ORDER BY (collector, lane, block)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760, index_granularity = 8192;
