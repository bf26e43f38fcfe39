-- One row an exam, as all that was told of it makes it. Served: activity and turnaround of any window, read from the days of that
-- window alone (1.3 million exams of a year: no join and no look at the messages). `exam_told` holds the messages by accession;
-- each insert makes the exams it names again from what was stored and what it brings, so that messages may come late, twice or in
-- any order. Of one milestone the latest told holds (`told_at`, else the reception); of what may happen many times (opened, drafted,
-- distributed) the first; of several steps the first start and the last end. An addendum or a correction does not sign again.

DROP VIEW IF EXISTS ops.exam_told_mv;

CREATE OR REPLACE TABLE ops.exam_told (
  accession String,
  milestone LowCardinality(String),
  step String,
  occurred_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  told_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  told_sequence UInt64,
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  study String,
  patient Nullable(FixedString(16)),
  visit Nullable(FixedString(16)),
  acts Nullable(UInt16),
  room LowCardinality(String),
  modality LowCardinality(String),
  procedure_code LowCardinality(String),
  priority LowCardinality(String),
  patient_class LowCardinality(String),
  appointment_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  actor_id String,
  actor_site LowCardinality(String),
  reader_level LowCardinality(String),
  report_status LowCardinality(String),
  reason LowCardinality(String),
  retention LowCardinality(String),
  received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  lane LowCardinality(String), collector LowCardinality(String), seq UInt64, sub UInt16
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (accession, milestone, collector, seq, sub)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760
AS SELECT accession, milestone, step, occurred_at, coalesce(told_at, received_at) AS told_at, ifNull(told_sequence, 0) AS told_sequence,
  source, site, establishment, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class, appointment_at,
  actor_id, actor_site, reader_level, report_status, reason, retention, received_at, lane, collector, seq, sub
FROM ops.exam_event
WHERE accession != '';

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_told_mv TO ops.exam_told AS
SELECT accession, milestone, step, occurred_at, coalesce(told_at, received_at) AS told_at, ifNull(told_sequence, 0) AS told_sequence,
  source, site, establishment, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class, appointment_at,
  actor_id, actor_site, reader_level, report_status, reason, retention, received_at, lane, collector, seq, sub
FROM ops.exam_event
WHERE accession != '';

-- The day is that of Europe/Paris on which the exam ended, else began, else was appointed, else was first told of. `gone` rows are
-- where an exam lay before a message moved it to another day.
DROP VIEW IF EXISTS ops.exam_mv;

CREATE OR REPLACE TABLE ops.exam (
  day Date,
  site LowCardinality(String), establishment LowCardinality(String),
  accession String,
  outcome LowCardinality(String),
  source LowCardinality(String),
  modality LowCardinality(String),
  room LowCardinality(String),
  procedure_code LowCardinality(String),
  priority LowCardinality(String),
  patient_class LowCardinality(String),
  ordered_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  scheduled_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  appointment_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  arrived_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  started_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  ended_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  available_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  opened_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  drafted_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  signed_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  distributed_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  cancelled_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  asked_elsewhere_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  answered_elsewhere_at Nullable(DateTime64(3, 'UTC')) CODEC(Delta, ZSTD(1)),
  answer_elsewhere LowCardinality(String),
  reason LowCardinality(String),
  reader_id String,
  reader_site LowCardinality(String),
  reader_level LowCardinality(String),
  study String,
  patient Nullable(FixedString(16)),
  visit Nullable(FixedString(16)),
  acts Nullable(UInt16),
  messages UInt32,
  lane LowCardinality(String), retention LowCardinality(String),
  version DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
  gone UInt8
) ENGINE = ReplacingMergeTree(version, gone)
PARTITION BY (lane, retention, toYYYYMM(day))
ORDER BY (lane, retention, day, site, accession)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760
AS SELECT toDate(coalesce(ended_at, started_at, appointment_at, arrived_at, missed_at, first_at), 'Europe/Paris') AS day,
  place.1 AS site, place.2 AS establishment, accession,
  multiIf(state IN ('cancelled', 'no-show'), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
  m.13[1] AS source, arrayFirst(one -> one != '', m.19) AS modality, arrayFirst(one -> one != '', m.18) AS room, arrayFirst(one -> one != '', m.20) AS procedure_code,
  arrayFirst(one -> one != '', m.21) AS priority, arrayFirst(one -> one != '', m.22) AS patient_class,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'ordered' AND n = 1, m.7, nth)) AS ordered_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'scheduled' AND n = 1, m.7, nth)) AS scheduled_at,
  arrayFirst(one -> one IS NOT NULL, m.23) AS appointment_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'arrived' AND n = 1, m.7, nth)) AS arrived_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'started' AND n = 1, m.7, nth)) AS started_at,
  arrayReduce('maxOrNullIf', m.10, arrayMap((one, n) -> one = 'ended' AND n = 1, m.7, nth)) AS ended_at,
  arrayReduce('maxOrNullIf', m.10, arrayMap((one, n) -> one = 'available' AND n = 1, m.7, nth)) AS available_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'opened', m.7)) AS opened_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'drafted', m.7)) AS drafted_at,
  if(report = 0, arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'signed', m.7)), m.10[report]) AS signed_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'distributed', m.7)) AS distributed_at,
  if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'requested-elsewhere', m.7)) AS asked_elsewhere_at,
  if(answer = 0, NULL, m.10[answer]) AS answered_elsewhere_at, if(answer = 0, '', replaceOne(m.7[answer], '-elsewhere', '')) AS answer_elsewhere,
  if(outcome IN ('cancelled', 'no-show'), m.27[miss], '') AS reason,
  if(report = 0, '', m.24[report]) AS reader_id, if(report = 0, '', m.25[report]) AS reader_site, if(report = 0, '', m.26[report]) AS reader_level,
  arrayFirst(one -> one != '', m.14) AS study, arrayFirst(one -> one IS NOT NULL, m.15) AS patient, arrayFirst(one -> one IS NOT NULL, m.16) AS visit, arrayFirst(one -> one IS NOT NULL, m.17) AS acts,
  toUInt32(arrayUniq(m.6, m.4, m.5)) AS messages, lane, retention, addNanoseconds(now64(9, 'UTC'), pass) AS version, 1 - pass AS gone
FROM (
  SELECT accession, pass, lane, retention, m, arrayEnumerateUniq(m.7, m.8, m.9) AS nth, arrayMin(m.10) AS first_at,
    arrayFirst(one -> one.1 != '', arrayZip(m.11, m.12)) AS place,
    arrayFirst(one -> one IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show'), m.7) AS state,
    arrayFirstIndex(one -> one IN ('cancelled', 'no-show'), m.7) AS miss, if(miss = 0, NULL, m.10[miss]) AS missed_at,
    arrayFirstIndex((one, again) -> one = 'signed' AND NOT again, m.7, m.9) AS report,
    arrayFirstIndex(one -> one IN ('accepted-elsewhere', 'refused-elsewhere'), m.7) AS answer
  FROM (
    -- What was told last comes first.
    SELECT accession, pass, max(lane) AS lane, max(retention) AS retention, arrayReverseSort(one -> (one.1, one.2, one.3, one.4, one.5), groupArray(message)) AS m
    FROM (
      SELECT 1 AS pass, accession, lane, retention,
        (told_at, told_sequence, received_at, seq, sub, collector, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected'),
        occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class,
        appointment_at, actor_id, actor_site, reader_level, reason) AS message
      FROM ops.exam_told
    )
    GROUP BY accession, pass
  )
);

-- `pass` 0 is the exam as it lay before the insert (whose rows `exam_told` may hold already), `pass` 1 as it lies now: where both
-- have one key the second wins.
CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_mv TO ops.exam AS
SELECT toDate(coalesce(ended_at, started_at, appointment_at, arrived_at, missed_at, first_at), 'Europe/Paris') AS day,
  place.1 AS site, place.2 AS establishment, accession,
  multiIf(state IN ('cancelled', 'no-show'), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
  m.13[1] AS source, arrayFirst(one -> one != '', m.19) AS modality, arrayFirst(one -> one != '', m.18) AS room, arrayFirst(one -> one != '', m.20) AS procedure_code,
  arrayFirst(one -> one != '', m.21) AS priority, arrayFirst(one -> one != '', m.22) AS patient_class,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'ordered' AND n = 1, m.7, nth)) AS ordered_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'scheduled' AND n = 1, m.7, nth)) AS scheduled_at,
  arrayFirst(one -> one IS NOT NULL, m.23) AS appointment_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'arrived' AND n = 1, m.7, nth)) AS arrived_at,
  arrayReduce('minOrNullIf', m.10, arrayMap((one, n) -> one = 'started' AND n = 1, m.7, nth)) AS started_at,
  arrayReduce('maxOrNullIf', m.10, arrayMap((one, n) -> one = 'ended' AND n = 1, m.7, nth)) AS ended_at,
  arrayReduce('maxOrNullIf', m.10, arrayMap((one, n) -> one = 'available' AND n = 1, m.7, nth)) AS available_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'opened', m.7)) AS opened_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'drafted', m.7)) AS drafted_at,
  if(report = 0, arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'signed', m.7)), m.10[report]) AS signed_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'distributed', m.7)) AS distributed_at,
  if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
  arrayReduce('minOrNullIf', m.10, arrayMap(one -> one = 'requested-elsewhere', m.7)) AS asked_elsewhere_at,
  if(answer = 0, NULL, m.10[answer]) AS answered_elsewhere_at, if(answer = 0, '', replaceOne(m.7[answer], '-elsewhere', '')) AS answer_elsewhere,
  if(outcome IN ('cancelled', 'no-show'), m.27[miss], '') AS reason,
  if(report = 0, '', m.24[report]) AS reader_id, if(report = 0, '', m.25[report]) AS reader_site, if(report = 0, '', m.26[report]) AS reader_level,
  arrayFirst(one -> one != '', m.14) AS study, arrayFirst(one -> one IS NOT NULL, m.15) AS patient, arrayFirst(one -> one IS NOT NULL, m.16) AS visit, arrayFirst(one -> one IS NOT NULL, m.17) AS acts,
  toUInt32(arrayUniq(m.6, m.4, m.5)) AS messages, lane, retention, addNanoseconds(now64(9, 'UTC'), pass) AS version, 1 - pass AS gone
FROM (
  SELECT accession, pass, lane, retention, m, arrayEnumerateUniq(m.7, m.8, m.9) AS nth, arrayMin(m.10) AS first_at,
    arrayFirst(one -> one.1 != '', arrayZip(m.11, m.12)) AS place,
    arrayFirst(one -> one IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show'), m.7) AS state,
    arrayFirstIndex(one -> one IN ('cancelled', 'no-show'), m.7) AS miss, if(miss = 0, NULL, m.10[miss]) AS missed_at,
    arrayFirstIndex((one, again) -> one = 'signed' AND NOT again, m.7, m.9) AS report,
    arrayFirstIndex(one -> one IN ('accepted-elsewhere', 'refused-elsewhere'), m.7) AS answer
  FROM (
    -- What was told last comes first.
    SELECT accession, pass, max(lane) AS lane, max(retention) AS retention, arrayReverseSort(one -> (one.1, one.2, one.3, one.4, one.5), groupArray(message)) AS m
    FROM (
      SELECT 1 AS pass, accession, lane, retention,
        (coalesce(told_at, received_at), ifNull(told_sequence, 0), received_at, seq, sub, collector, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected'),
        occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class,
        appointment_at, actor_id, actor_site, reader_level, reason) AS message
      FROM ops.exam_event
      WHERE accession != ''
      UNION ALL
      SELECT arrayJoin(if((collector, lane, seq, sub) IN (SELECT collector, lane, seq, sub FROM ops.exam_event), [1], [0, 1])) AS pass, accession, lane, retention,
        (told_at, told_sequence, received_at, seq, sub, collector, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected'),
        occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class,
        appointment_at, actor_id, actor_site, reader_level, reason) AS message
      FROM ops.exam_told
      WHERE accession IN (SELECT accession FROM ops.exam_event)
    )
    GROUP BY accession, pass
  )
);
