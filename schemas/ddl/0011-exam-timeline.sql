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
  site, establishment, accession,
  multiIf(state IN ('cancelled', 'no-show'), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
  source, modality, room, procedure_code, priority, patient_class, ordered_at, scheduled_at, appointment_at, arrived_at, started_at,
  ended_at, available_at, opened_at, drafted_at, signed_at, distributed_at, if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
  asked_elsewhere_at, answered_elsewhere_at, replaceOne(answer, '-elsewhere', '') AS answer_elsewhere, if(outcome IN ('cancelled', 'no-show'), why, '') AS reason,
  reader.1 AS reader_id, reader.2 AS reader_site, reader.3 AS reader_level, study, patient, visit, acts, messages, lane, retention,
  addNanoseconds(now64(9, 'UTC'), pass) AS version, 1 - pass AS gone
FROM (
  SELECT accession, pass, max(p.lane) AS lane, max(p.retention) AS retention, toUInt32(sum(p.messages)) AS messages, min(p.first_at) AS first_at,
    max(p.site).2 AS site, max(p.site).3 AS establishment, max(p.source).2 AS source, max(p.study).2 AS study, max(p.room).2 AS room,
    max(p.modality).2 AS modality, max(p.procedure_code).2 AS procedure_code, max(p.priority).2 AS priority,
    max(p.patient_class).2 AS patient_class, max(p.patient).2 AS patient, max(p.visit).2 AS visit, max(p.acts).2 AS acts,
    max(p.appointment).2 AS appointment_at,
    argMaxIf(milestone, p.told, milestone IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show')) AS state,
    minOrNullIf(p.at, milestone = 'ordered') AS ordered_at, minOrNullIf(p.at, milestone = 'scheduled') AS scheduled_at,
    minOrNullIf(p.at, milestone = 'arrived') AS arrived_at, minOrNullIf(p.at, milestone = 'started') AS started_at,
    maxOrNullIf(p.at, milestone = 'ended') AS ended_at, maxOrNullIf(p.at, milestone = 'available') AS available_at,
    minOrNullIf(p.first_at, milestone = 'opened') AS opened_at, minOrNullIf(p.first_at, milestone = 'drafted') AS drafted_at,
    coalesce(argMaxOrNullIf(p.at, p.told, milestone = 'signed' AND NOT again), minOrNullIf(p.first_at, milestone = 'signed')) AS signed_at,
    minOrNullIf(p.first_at, milestone = 'distributed') AS distributed_at,
    argMaxOrNullIf(p.at, p.told, milestone IN ('cancelled', 'no-show')) AS missed_at,
    argMaxIf(p.reason, p.told, milestone IN ('cancelled', 'no-show')) AS why,
    minOrNullIf(p.first_at, milestone = 'requested-elsewhere') AS asked_elsewhere_at,
    argMaxOrNullIf(p.at, p.told, milestone IN ('accepted-elsewhere', 'refused-elsewhere')) AS answered_elsewhere_at,
    argMaxIf(milestone, p.told, milestone IN ('accepted-elsewhere', 'refused-elsewhere')) AS answer,
    argMaxIf(p.reader, p.told, milestone = 'signed' AND NOT again) AS reader
  FROM (
    SELECT accession, pass, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected') AS again,
      max(r.ord) AS told, argMax(r.occurred_at, r.ord) AS at, min(r.occurred_at) AS first_at, argMax(r.reason, r.ord) AS reason,
      argMax((r.actor_id, r.actor_site, r.reader_level), r.ord) AS reader, uniqExact(r.ord.5, r.ord.4, r.collector) AS messages,
      max(r.lane) AS lane, max(r.retention) AS retention,
      maxIf((r.ord, toString(r.site), toString(r.establishment)), r.site != '') AS site, max((r.ord, toString(r.source))) AS source,
      maxIf((r.ord, r.study), r.study != '') AS study, maxIf((r.ord, toString(r.room)), r.room != '') AS room,
      maxIf((r.ord, toString(r.modality)), r.modality != '') AS modality,
      maxIf((r.ord, toString(r.procedure_code)), r.procedure_code != '') AS procedure_code,
      maxIf((r.ord, toString(r.priority)), r.priority != '') AS priority,
      maxIf((r.ord, toString(r.patient_class)), r.patient_class != '') AS patient_class,
      max((if(isNull(r.patient), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.patient)) AS patient, max((if(isNull(r.visit), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.visit)) AS visit,
      max((if(isNull(r.acts), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.acts)) AS acts, max((if(isNull(r.appointment_at), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.appointment_at)) AS appointment
    FROM (
      SELECT 1 AS pass, accession, milestone, step, occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code,
        priority, patient_class, appointment_at, actor_id, actor_site, reader_level, report_status, reason, lane, retention, collector,
        (told_at, told_sequence, received_at, seq, sub) AS ord
      FROM ops.exam_told
    ) AS r
    GROUP BY accession, pass, milestone, step, again
  ) AS p
  GROUP BY accession, pass
);

-- `pass` 0 is the exam as it lay before the insert (whose rows `exam_told` may hold already), `pass` 1 as it lies now: where both
-- have one key the second wins.
CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_mv TO ops.exam AS
SELECT toDate(coalesce(ended_at, started_at, appointment_at, arrived_at, missed_at, first_at), 'Europe/Paris') AS day,
  site, establishment, accession,
  multiIf(state IN ('cancelled', 'no-show'), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
  source, modality, room, procedure_code, priority, patient_class, ordered_at, scheduled_at, appointment_at, arrived_at, started_at,
  ended_at, available_at, opened_at, drafted_at, signed_at, distributed_at, if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
  asked_elsewhere_at, answered_elsewhere_at, replaceOne(answer, '-elsewhere', '') AS answer_elsewhere, if(outcome IN ('cancelled', 'no-show'), why, '') AS reason,
  reader.1 AS reader_id, reader.2 AS reader_site, reader.3 AS reader_level, study, patient, visit, acts, messages, lane, retention,
  addNanoseconds(now64(9, 'UTC'), pass) AS version, 1 - pass AS gone
FROM (
  SELECT accession, pass, max(p.lane) AS lane, max(p.retention) AS retention, toUInt32(sum(p.messages)) AS messages, min(p.first_at) AS first_at,
    max(p.site).2 AS site, max(p.site).3 AS establishment, max(p.source).2 AS source, max(p.study).2 AS study, max(p.room).2 AS room,
    max(p.modality).2 AS modality, max(p.procedure_code).2 AS procedure_code, max(p.priority).2 AS priority,
    max(p.patient_class).2 AS patient_class, max(p.patient).2 AS patient, max(p.visit).2 AS visit, max(p.acts).2 AS acts,
    max(p.appointment).2 AS appointment_at,
    argMaxIf(milestone, p.told, milestone IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show')) AS state,
    minOrNullIf(p.at, milestone = 'ordered') AS ordered_at, minOrNullIf(p.at, milestone = 'scheduled') AS scheduled_at,
    minOrNullIf(p.at, milestone = 'arrived') AS arrived_at, minOrNullIf(p.at, milestone = 'started') AS started_at,
    maxOrNullIf(p.at, milestone = 'ended') AS ended_at, maxOrNullIf(p.at, milestone = 'available') AS available_at,
    minOrNullIf(p.first_at, milestone = 'opened') AS opened_at, minOrNullIf(p.first_at, milestone = 'drafted') AS drafted_at,
    coalesce(argMaxOrNullIf(p.at, p.told, milestone = 'signed' AND NOT again), minOrNullIf(p.first_at, milestone = 'signed')) AS signed_at,
    minOrNullIf(p.first_at, milestone = 'distributed') AS distributed_at,
    argMaxOrNullIf(p.at, p.told, milestone IN ('cancelled', 'no-show')) AS missed_at,
    argMaxIf(p.reason, p.told, milestone IN ('cancelled', 'no-show')) AS why,
    minOrNullIf(p.first_at, milestone = 'requested-elsewhere') AS asked_elsewhere_at,
    argMaxOrNullIf(p.at, p.told, milestone IN ('accepted-elsewhere', 'refused-elsewhere')) AS answered_elsewhere_at,
    argMaxIf(milestone, p.told, milestone IN ('accepted-elsewhere', 'refused-elsewhere')) AS answer,
    argMaxIf(p.reader, p.told, milestone = 'signed' AND NOT again) AS reader
  FROM (
    SELECT accession, pass, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected') AS again,
      max(r.ord) AS told, argMax(r.occurred_at, r.ord) AS at, min(r.occurred_at) AS first_at, argMax(r.reason, r.ord) AS reason,
      argMax((r.actor_id, r.actor_site, r.reader_level), r.ord) AS reader, uniqExact(r.ord.5, r.ord.4, r.collector) AS messages,
      max(r.lane) AS lane, max(r.retention) AS retention,
      maxIf((r.ord, toString(r.site), toString(r.establishment)), r.site != '') AS site, max((r.ord, toString(r.source))) AS source,
      maxIf((r.ord, r.study), r.study != '') AS study, maxIf((r.ord, toString(r.room)), r.room != '') AS room,
      maxIf((r.ord, toString(r.modality)), r.modality != '') AS modality,
      maxIf((r.ord, toString(r.procedure_code)), r.procedure_code != '') AS procedure_code,
      maxIf((r.ord, toString(r.priority)), r.priority != '') AS priority,
      maxIf((r.ord, toString(r.patient_class)), r.patient_class != '') AS patient_class,
      max((if(isNull(r.patient), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.patient)) AS patient, max((if(isNull(r.visit), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.visit)) AS visit,
      max((if(isNull(r.acts), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.acts)) AS acts, max((if(isNull(r.appointment_at), (toDateTime64(0, 3, 'UTC'), toUInt64(0), toDateTime64(0, 3, 'UTC'), toUInt64(0), toUInt16(0)), r.ord), r.appointment_at)) AS appointment
    FROM (
      SELECT 1 AS pass, accession, milestone, step, occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code,
        priority, patient_class, appointment_at, actor_id, actor_site, reader_level, report_status, reason, lane, retention, collector,
        (coalesce(told_at, received_at), ifNull(told_sequence, 0), received_at, seq, sub) AS ord
      FROM ops.exam_event
      WHERE accession != ''
      UNION ALL
      SELECT arrayJoin(if((collector, lane, seq, sub) IN (SELECT collector, lane, seq, sub FROM ops.exam_event), [1], [0, 1])) AS pass, accession, milestone, step, occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code,
        priority, patient_class, appointment_at, actor_id, actor_site, reader_level, report_status, reason, lane, retention, collector,
        (told_at, told_sequence, received_at, seq, sub) AS ord
      FROM ops.exam_told
      WHERE accession IN (SELECT accession FROM ops.exam_event)
    ) AS r
    GROUP BY accession, pass, milestone, step, again
  ) AS p
  GROUP BY accession, pass
);
