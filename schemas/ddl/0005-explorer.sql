-- The explorer of accesses. Served: facets and histogram over a year (event_daily), or of one patient, actor or study from
-- its narrow table alone; every line of a patient's year from event_by_patient (50 rows of a year lie in 50 granules of the
-- facts: 470 ms on 20 million); one study's life (event_by_study). `received_at` of a narrow table is the day, which is all
-- that partitions need: 4 to 6 bytes less an event. Each table is rebuilt from the facts in one step, so a run that was cut
-- short is simply repeated.

DROP VIEW IF EXISTS audit.event_by_patient_mv;

CREATE OR REPLACE TABLE audit.event_by_patient (
  patient FixedString(16),
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  establishment LowCardinality(String),
  site LowCardinality(String),
  source LowCardinality(String),
  event_code LowCardinality(String),
  action LowCardinality(String),
  outcome UInt8,
  role LowCardinality(String),
  modality LowCardinality(String),
  emergency UInt8,
  actor_id String,
  actor_kind LowCardinality(String),
  study_key UInt64,
  ae_from String,
  ae_to String,
  retention LowCardinality(String),
  received_at Date,
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (patient, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760
AS SELECT arrayJoin(arrayDistinct(patients)) AS patient, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency,
  actor_id, actor_kind, sipHash64(arrayConcat(studies, accessions)[1]) AS study_key, participant_id[indexOf(participant_role, '110153')] AS ae_from,
  participant_id[indexOf(participant_role, '110152')] AS ae_to, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_by_patient_mv TO audit.event_by_patient AS
SELECT arrayJoin(arrayDistinct(patients)) AS patient, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency,
  actor_id, actor_kind, sipHash64(arrayConcat(studies, accessions)[1]) AS study_key, participant_id[indexOf(participant_role, '110153')] AS ae_from,
  participant_id[indexOf(participant_role, '110152')] AS ae_to, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event;

DROP VIEW IF EXISTS audit.event_by_actor_mv;

CREATE OR REPLACE TABLE audit.event_by_actor (
  actor_id String,
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  establishment LowCardinality(String),
  site LowCardinality(String),
  source LowCardinality(String),
  event_code LowCardinality(String),
  action LowCardinality(String),
  outcome UInt8,
  role LowCardinality(String),
  modality LowCardinality(String),
  emergency UInt8,
  retention LowCardinality(String),
  received_at Date,
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (actor_id, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760
AS SELECT actor_id, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event WHERE actor_id != '';

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_by_actor_mv TO audit.event_by_actor AS
SELECT actor_id, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event WHERE actor_id != '';

-- One study's life, by study UID or accession number. The key is a hash of either: whoever reads compares the text as well.
DROP VIEW IF EXISTS audit.event_by_study_mv;

CREATE OR REPLACE TABLE audit.event_by_study (
  study_key UInt64,
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  establishment LowCardinality(String),
  site LowCardinality(String),
  source LowCardinality(String),
  event_code LowCardinality(String),
  action LowCardinality(String),
  outcome UInt8,
  role LowCardinality(String),
  modality LowCardinality(String),
  emergency UInt8,
  retention LowCardinality(String),
  received_at Date,
  lane LowCardinality(String),
  collector LowCardinality(String),
  seq UInt64,
  sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (study_key, occurred_at, collector, seq, sub)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760
AS SELECT arrayJoin(arrayDistinct(arrayMap(one -> sipHash64(one), arrayConcat(studies, accessions)))) AS study_key, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_by_study_mv TO audit.event_by_study AS
SELECT arrayJoin(arrayDistinct(arrayMap(one -> sipHash64(one), arrayConcat(studies, accessions)))) AS study_key, occurred_at, establishment, site, source, event_code, action, outcome,
  if(empty(actor_roles), '', actor_roles[1]) AS role, if(empty(modalities), '', modalities[1]) AS modality, emergency, retention, toDate(received_at) AS received_at, lane, collector, seq, sub
FROM audit.event;

-- Daily counts of Europe/Paris, fed by the hourly ones: whole hours are whole in both.
DROP VIEW IF EXISTS audit.event_daily_mv;

CREATE OR REPLACE TABLE audit.event_daily (
  day Date,
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
  events SimpleAggregateFunction(sum, UInt64)
) ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
AS SELECT toDate(h.hour, 'Europe/Paris') AS day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency, sum(h.events) AS events
FROM audit.event_hourly AS h
GROUP BY day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency;

CREATE MATERIALIZED VIEW IF NOT EXISTS audit.event_daily_mv TO audit.event_daily AS
SELECT toDate(h.hour, 'Europe/Paris') AS day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency, sum(h.events) AS events
FROM audit.event_hourly AS h
GROUP BY day, lane, site, establishment, source, event_code, action, outcome, role, modality, emergency;
