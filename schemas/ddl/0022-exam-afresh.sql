-- One row an exam, made again where what was told of it changes: as 0012, whose way of making it is written once here. What is told to
-- `exam_named`, which holds nothing, makes the exams it names again, with what is stored of them; so rows that are stored can be told to
-- it too. An order after a cancellation starts the exam's steps afresh. Served: as 0012.

DROP VIEW IF EXISTS ops.exam_mv;
DROP VIEW IF EXISTS ops.exam_named_mv;

CREATE OR REPLACE TABLE ops.exam_named AS ops.exam_told ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_named_mv TO ops.exam_named AS
SELECT * FROM ops.exam_told;

-- `pass` 0 is the exam as it lay before the insert (whose rows `exam_told` may hold already), `pass` 1 as it lies now: where both
-- have one key the second wins, else the first is `gone`. `t` is what was told, the last first; `m` what of it counts: all, or what
-- follows the cancellation that the latest order follows. What describes the exam is of `t`, what happened to it of `m`.
CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_mv TO ops.exam AS
SELECT toDate(coalesce(ended_at, started_at, appointment_at, arrived_at, missed_at, first_at), 'Europe/Paris') AS day,
  place.1 AS site, place.2 AS establishment, accession,
  multiIf(state IN ('cancelled', 'no-show'), state, ended_at IS NOT NULL, 'done', 'open') AS outcome,
  t.13[1] AS source, arrayFirst(one -> one != '', t.19) AS modality, arrayFirst(one -> one != '', t.18) AS room,
  arrayFirst(one -> one != '', t.20) AS procedure_code, arrayFirst(one -> one != '', t.21) AS priority,
  arrayFirst(one -> one != '', t.22) AS patient_class,
  arrayReduce('minOrNullIf', at, arrayMap((one, n) -> one = 'ordered' AND n = 1, said, nth)) AS ordered_at,
  arrayReduce('minOrNullIf', at, arrayMap((one, n) -> one = 'scheduled' AND n = 1, said, nth)) AS scheduled_at,
  arrayFirst(one -> one IS NOT NULL, m.23) AS appointment_at,
  arrayReduce('minOrNullIf', at, arrayMap((one, n) -> one = 'arrived' AND n = 1, said, nth)) AS arrived_at,
  arrayReduce('minOrNullIf', at, arrayMap((one, n) -> one = 'started' AND n = 1, said, nth)) AS started_at,
  arrayReduce('maxOrNullIf', at, arrayMap((one, n) -> one = 'ended' AND n = 1, said, nth)) AS ended_at,
  arrayReduce('maxOrNullIf', at, arrayMap((one, n) -> one = 'available' AND n = 1, said, nth)) AS available_at,
  arrayReduce('minOrNullIf', at, arrayMap(one -> one = 'opened', said)) AS opened_at,
  arrayReduce('minOrNullIf', at, arrayMap(one -> one = 'drafted', said)) AS drafted_at,
  if(report = 0, arrayReduce('minOrNullIf', at, arrayMap(one -> one = 'signed', said)), at[report]) AS signed_at,
  arrayReduce('minOrNullIf', at, arrayMap(one -> one = 'distributed', said)) AS distributed_at,
  if(outcome = 'cancelled', missed_at, NULL) AS cancelled_at,
  arrayReduce('minOrNullIf', at, arrayMap(one -> one = 'requested-elsewhere', said)) AS asked_elsewhere_at,
  if(answer = 0, NULL, at[answer]) AS answered_elsewhere_at, if(answer = 0, '', replaceOne(said[answer], '-elsewhere', '')) AS answer_elsewhere,
  if(outcome IN ('cancelled', 'no-show'), m.27[miss], '') AS reason,
  if(report = 0, '', m.24[report]) AS reader_id, if(report = 0, '', m.25[report]) AS reader_site, if(report = 0, '', m.26[report]) AS reader_level,
  arrayFirst(one -> one != '', t.14) AS study, arrayFirst(one -> one IS NOT NULL, t.15) AS patient, arrayFirst(one -> one IS NOT NULL, t.16) AS visit,
  arrayFirst(one -> one IS NOT NULL, m.17) AS acts,
  toUInt32(arrayUniq(t.6, t.4, t.5)) AS messages, lane, retention, addNanoseconds(now64(9, 'UTC'), pass) AS version, 1 - pass AS gone
FROM (
  SELECT accession, pass, lane, retention, t, m, m.7 AS said, m.10 AS at,
    arrayEnumerateUniq(said, m.8, m.9) AS nth, arrayMin(at) AS first_at,
    arrayFirst(one -> one.1 != '', arrayZip(t.11, t.12)) AS place,
    arrayFirst(one -> one IN ('ordered', 'scheduled', 'arrived', 'started', 'ended', 'cancelled', 'no-show'), said) AS state,
    arrayFirstIndex(one -> one IN ('cancelled', 'no-show'), said) AS miss, if(miss = 0, NULL, at[miss]) AS missed_at,
    arrayFirstIndex((one, again) -> one = 'signed' AND NOT again, said, m.9) AS report,
    arrayFirstIndex(one -> one IN ('accepted-elsewhere', 'refused-elsewhere', 'cancelled-elsewhere'), said) AS answer
  FROM (
    SELECT accession, pass, lane, retention, t, if(cut = 0, t, arraySlice(t, 1, cut - 1)) AS m
    FROM (
      SELECT accession, pass, lane, retention, t,
        if(latest_order = 0, 0, arrayFirstIndex((one, n) -> one = 'cancelled' AND n > latest_order, t.7, arrayEnumerate(t.7))) AS cut
      FROM (
        SELECT accession, pass, lane, retention, t, arrayFirstIndex(one -> one = 'ordered', t.7) AS latest_order
        FROM (
          SELECT accession, pass, max(lane) AS lane, max(retention) AS retention, arrayReverseSort(one -> (one.1, one.2, one.3, one.4, one.5), groupArray(
            (told_at, told_sequence, received_at, seq, sub, collector, milestone, step, milestone = 'signed' AND report_status IN ('addendum', 'corrected'),
            occurred_at, site, establishment, source, study, patient, visit, acts, room, modality, procedure_code, priority, patient_class,
            appointment_at, actor_id, actor_site, reader_level, reason))) AS t
          FROM (
            SELECT 1 AS pass, * FROM ops.exam_named
            UNION ALL
            SELECT arrayJoin(if((collector, lane, seq, sub) IN (SELECT collector, lane, seq, sub FROM ops.exam_named), [1], [0, 1])) AS pass, *
            FROM ops.exam_told WHERE accession IN (SELECT accession FROM ops.exam_named)
          )
          GROUP BY accession, pass
        )
      )
    )
  )
);

-- What is another exam now: those ordered again after a cancellation, and the days of arrival they were counted in.
ALTER TABLE ops.exam DELETE WHERE accession IN (
  SELECT accession FROM ops.exam_told WHERE milestone IN ('ordered', 'cancelled') GROUP BY accession
  HAVING maxIf(told_at, milestone = 'ordered') >= minIf(told_at, milestone = 'cancelled') AND countIf(milestone = 'ordered') > 0 AND countIf(milestone = 'cancelled') > 0
) SETTINGS mutations_sync = 2;

INSERT INTO ops.exam_named SELECT * FROM ops.exam_told WHERE accession IN (
  SELECT accession FROM ops.exam_told WHERE milestone IN ('ordered', 'cancelled') GROUP BY accession
  HAVING maxIf(told_at, milestone = 'ordered') >= minIf(told_at, milestone = 'cancelled') AND countIf(milestone = 'ordered') > 0 AND countIf(milestone = 'cancelled') > 0
) ORDER BY accession
SETTINGS max_block_size = 2000, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.arrival_due SELECT DISTINCT toDate(occurred_at, 'Europe/Paris') AS day FROM ops.exam_told WHERE milestone = 'ended' AND accession IN (
  SELECT accession FROM ops.exam_told WHERE milestone IN ('ordered', 'cancelled') GROUP BY accession
  HAVING maxIf(told_at, milestone = 'ordered') >= minIf(told_at, milestone = 'cancelled') AND countIf(milestone = 'ordered') > 0 AND countIf(milestone = 'cancelled') > 0
) ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;
