-- Days as a whole, made again when something of them is told: when images arrived after the end of each exam, and what the censuses
-- differ by. Served: the boards of arrival over a year, one row a day (at ten times the demonstration about 700 cells each), where a
-- join of exams, transfers and presence read 2.4 million rows. Systems are kept by name: which is a PACS is decided at read time.
-- A row of a large group is some 100 kB: small granules, so that a year is read in the memory of one question.
-- `…_due` keep nothing: a day put into them is made again from what is stored.
CREATE TABLE IF NOT EXISTS ops.arrival_due (day Date) ENGINE = Null;

CREATE TABLE IF NOT EXISTS ops.census_due (day Date) ENGINE = Null;

-- Exams that ended on a day of Europe/Paris, by site, modality and the systems that received their images. `after`: for each of those
-- systems, of each exam, ms from its end to the last image on the first day; of several senders the one done first. `told`: the same by
-- the RIS (available), -1 where it tells none.
CREATE TABLE IF NOT EXISTS ops.arrival_day (
  day Date,
  cell Nested (
    site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
    systems Array(LowCardinality(String)),
    after Array(Array(Int32)),
    told Array(Int32),
    ended_at Array(DateTime64(3, 'UTC'))
  ),
  made_at DateTime64(9, 'UTC')
) ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.arrival_day_mv TO ops.arrival_day AS
SELECT d.day AS day, c.sites AS `cell.site`, c.establishments AS `cell.establishment`, c.modalities AS `cell.modality`, c.receivers AS `cell.systems`,
  c.afters AS `cell.after`, c.tolds AS `cell.told`, c.ends AS `cell.ended_at`, now64(9) AS made_at
FROM (SELECT DISTINCT day FROM ops.arrival_due) AS d
LEFT JOIN (
  SELECT day, groupArray(site) AS sites, groupArray(establishment) AS establishments, groupArray(modality) AS modalities, groupArray(systems) AS receivers,
    groupArray(after) AS afters, groupArray(told) AS tolds, groupArray(ends) AS ends
  FROM (
    SELECT day, site, establishment, modality, systems, groupArrayForEach(times) AS after, groupArray(available) AS told, groupArray(ended) AS ends
    FROM (
      SELECT e.day AS day, e.site AS site, e.establishment AS establishment, e.modality AS modality, e.ended AS ended, s.systems AS systems,
        arrayMap(at -> toInt32(greatest(-2000000000, least(2000000000, toUnixTimestamp64Milli(at) - toUnixTimestamp64Milli(ended)))), s.times) AS times,
        if(e.available_at IS NULL, -1, toInt32(greatest(0, least(2000000000, toUnixTimestamp64Milli(assumeNotNull(e.available_at)) - toUnixTimestamp64Milli(ended))))) AS available
      FROM (
        SELECT day, site, establishment, modality, assumeNotNull(ended_at) AS ended, available_at, if(study = '', 0, cityHash64(study)) AS exam_key
        FROM ops.exam FINAL
        WHERE outcome = 'done' AND ended_at IS NOT NULL AND day IN (SELECT day FROM ops.arrival_due)
      ) AS e
      LEFT JOIN (
        SELECT study_key, arraySort(groupArray(system)) AS systems, arrayMap(one -> one.2, arraySort(groupArray((system, first_done)))) AS times
        FROM (
          SELECT study_key, system, min(done) AS first_done
          FROM (
            SELECT study_key, toString(to_system) AS system, day, sender, max(stored_at) AS done
            FROM ops.study_stored
            WHERE image = 1 AND day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 1 + n, range(9))) FROM ops.arrival_due)
            GROUP BY study_key, system, day, sender
          )
          GROUP BY study_key, system
        )
        GROUP BY study_key
      ) AS s ON s.study_key = e.exam_key
    )
    GROUP BY day, site, establishment, modality, systems
  )
  GROUP BY day
) AS c ON c.day = d.day;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.arrival_due_exam_mv TO ops.arrival_due AS
SELECT DISTINCT day FROM ops.exam WHERE ended_at IS NOT NULL;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.arrival_due_stored_mv TO ops.arrival_due AS
SELECT DISTINCT e.day AS day
FROM (SELECT DISTINCT study_key FROM ops.study_stored WHERE image = 1) AS s
INNER JOIN (
  SELECT day, cityHash64(study) AS exam_key FROM ops.exam
  WHERE study != '' AND ended_at IS NOT NULL AND day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 7 + n, range(9))) FROM ops.study_stored)
) AS e ON e.exam_key = s.study_key;

-- Studies of a study date by what holds them: the systems that hold them, that held them and do not, whose accession number the RIS
-- knows; `whole`: systems that answered in full. A study that every system asked holds alike is one of a number; any other has a key of its own.
CREATE TABLE IF NOT EXISTS ops.census_compared (
  day Date,
  whole Array(LowCardinality(String)),
  cell Nested (
    site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
    holds Array(LowCardinality(String)), left Array(LowCardinality(String)), numbered Array(LowCardinality(String)),
    known UInt8,
    study_key UInt64, images Array(Int64),
    studies UInt32, size UInt64, since DateTime64(3, 'UTC')
  ),
  made_at DateTime64(9, 'UTC')
) ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_compared_mv TO ops.census_compared AS
SELECT d.day AS day, w.whole AS whole, c.a1 AS `cell.site`, c.a2 AS `cell.establishment`, c.a3 AS `cell.modality`, c.a4 AS `cell.holds`, c.a5 AS `cell.left`, c.a6 AS `cell.numbered`,
  c.a7 AS `cell.known`, c.a8 AS `cell.study_key`, c.a9 AS `cell.images`, c.a10 AS `cell.studies`, c.a11 AS `cell.size`, c.a12 AS `cell.since`, now64(9) AS made_at
FROM (SELECT DISTINCT day FROM ops.census_due) AS d
LEFT JOIN (
  SELECT day, groupArray(site) AS a1, groupArray(establishment) AS a2, groupArray(modality) AS a3, groupArray(holds) AS a4, groupArray(gone) AS a5,
    groupArray(numbered) AS a6, groupArray(known) AS a7, groupArray(key) AS a8, groupArray(odd_images) AS a9, groupArray(studies) AS a10, groupArray(size) AS a11, groupArray(since) AS a12
  FROM (
    SELECT day, site, establishment, modality, holds, gone, numbered, known, key, odd_images,
      toUInt32(count()) AS studies, sum(if(odd, bytes_told, 0)) AS size, min(if(odd, first_seen, toDateTime64(0, 3, 'UTC'))) AS since
    FROM (
      SELECT h.day AS day, h.place.1 AS site, h.place.2 AS establishment, h.kind AS modality, h.holds AS holds, h.gone AS gone,
        arrayFilter((system, number) -> number IN (
          SELECT arrayJoin([cityHash64(accession), cityHash64(study)]) FROM ops.exam WHERE day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 31 + n, range(63))) FROM ops.census_due)
        ), h.holds, h.numbers) AS numbered,
        toUInt8(h.study_key IN (
          SELECT cityHash64(study) FROM ops.exam WHERE day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 31 + n, range(63))) FROM ops.census_due)
        )) AS known,
        notEmpty(h.gone) OR NOT hasAll(h.holds, a.systems) OR length(arrayDistinct(h.images)) > 1 OR length(numbered) < length(h.holds) AS odd,
        if(odd, h.study_key, 0) AS key, if(odd, h.images, []) AS odd_images, ifNull(s.size, 0) AS bytes_told,
        if(toUnixTimestamp64Milli(s.since) > 0, s.since, h.first_seen) AS first_seen
      FROM (
        SELECT day, study_key, argMinIf(where_, first_told, where_.1 != '') AS place, argMinIf(kind_, first_told, kind_ != '') AS kind, min(first_told) AS first_seen,
          arraySort(groupArrayIf(system, seen > left)) AS holds, arraySort(groupArrayIf(system, seen <= left)) AS gone,
          arrayMap(one -> one.2, arraySort(groupArrayIf((system, images_), seen > left))) AS images,
          arrayMap(one -> one.2, arraySort(groupArrayIf((system, number_), seen > left))) AS numbers
        FROM (
          SELECT day, study_key, toString(p.system) AS system, max(seen_at) AS seen, max(gone_at) AS left, toInt64(ifNull(max(p.instances), -1)) AS images_,
            argMaxIf(accession_key, p.seen_at, accession_key != cityHash64('')) AS number_, min(p.first_at) AS first_told,
            argMinIf((toString(site), toString(establishment)), p.first_at, site != '') AS where_, argMinIf(toString(modality), p.first_at, modality != '') AS kind_
          FROM ops.census_presence AS p
          WHERE day IN (SELECT day FROM ops.census_due)
          GROUP BY day, study_key, system
        )
        GROUP BY day, study_key
      ) AS h
      LEFT JOIN (
        SELECT day, groupUniqArray(toString(system)) AS systems FROM ops.census_asked WHERE day IN (SELECT day FROM ops.census_due) GROUP BY day
      ) AS a ON a.day = h.day
      LEFT JOIN (
        SELECT study_key, max(system_bytes) AS size, min(system_since) AS since
        FROM (
          SELECT study_key, to_system, sum(bytes) AS system_bytes, minIf(stored_at, image = 1) AS system_since
          FROM ops.study_stored
          WHERE day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 1 + n, range(9))) FROM ops.census_due)
          GROUP BY study_key, to_system
          HAVING toUnixTimestamp64Milli(system_since) > 0
        )
        GROUP BY study_key
      ) AS s ON s.study_key = h.study_key
    )
    GROUP BY day, site, establishment, modality, holds, gone, numbered, known, key, odd_images
  )
  GROUP BY day
) AS c ON c.day = d.day
LEFT JOIN (
  SELECT day, arraySort(groupUniqArrayIf(toString(system), toUnixTimestamp64Milli(complete_at) > 0)) AS whole
  FROM ops.census_asked WHERE day IN (SELECT day FROM ops.census_due) GROUP BY day
) AS w ON w.day = d.day;

-- Exams that ended on a day by the systems that hold their study, by its UID or accession number, within a day. An exam that every system
-- asked holds is one of a number; any other has a key of its own (of its accession number).
CREATE TABLE IF NOT EXISTS ops.exam_compared (
  day Date,
  whole Array(LowCardinality(String)),
  cell Nested (
    site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String),
    held Array(LowCardinality(String)), exam_key UInt64, exams UInt32
  ),
  made_at DateTime64(9, 'UTC')
) ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.exam_compared_mv TO ops.exam_compared AS
SELECT d.day AS day, w.whole AS whole, c.a1 AS `cell.site`, c.a2 AS `cell.establishment`, c.a3 AS `cell.modality`, c.a4 AS `cell.held`, c.a5 AS `cell.exam_key`, c.a6 AS `cell.exams`, now64(9) AS made_at
FROM (SELECT DISTINCT day FROM ops.census_due) AS d
LEFT JOIN (
  SELECT day, groupArray(site) AS a1, groupArray(establishment) AS a2, groupArray(modality) AS a3, groupArray(held) AS a4, groupArray(key) AS a5, groupArray(exams) AS a6
  FROM (
    SELECT e.day AS day, e.site AS site, e.establishment AS establishment, e.modality AS modality, arraySort(arrayDistinct(arrayConcat(n.systems, u.systems))) AS held,
      if(hasAll(held, a.systems), 0, e.number) AS key, toUInt32(count()) AS exams
    FROM (
      SELECT day, site, establishment, modality, cityHash64(accession) AS number, if(study = '', 0, cityHash64(study)) AS uid
      FROM ops.exam FINAL
      WHERE outcome = 'done' AND day IN (SELECT day FROM ops.census_due)
    ) AS e
    LEFT JOIN (
      SELECT accession_key AS name, groupUniqArray(system) AS systems
      FROM (
        SELECT study_key, accession_key, toString(system) AS system FROM ops.census_presence
        WHERE accession_key != cityHash64('') AND day IN (SELECT DISTINCT arrayJoin([day - 1, day, day + 1]) FROM ops.census_due)
        GROUP BY study_key, accession_key, system HAVING max(seen_at) > max(gone_at)
      )
      WHERE (study_key, system) IN (
        SELECT study_key, toString(system) FROM ops.census_presence WHERE day IN (SELECT DISTINCT arrayJoin([day - 1, day, day + 1]) FROM ops.census_due)
        GROUP BY study_key, system HAVING max(seen_at) > max(gone_at)
      )
      GROUP BY name
    ) AS n ON n.name = e.number
    LEFT JOIN (
      SELECT study_key AS name, groupUniqArray(system) AS systems
      FROM (
        SELECT study_key, toString(system) AS system FROM ops.census_presence WHERE day IN (SELECT DISTINCT arrayJoin([day - 1, day, day + 1]) FROM ops.census_due)
        GROUP BY study_key, system HAVING max(seen_at) > max(gone_at)
      )
      GROUP BY name
    ) AS u ON u.name = e.uid
    LEFT JOIN (
      SELECT day, groupUniqArray(toString(system)) AS systems FROM ops.census_asked WHERE day IN (SELECT day FROM ops.census_due) GROUP BY day
    ) AS a ON a.day = e.day
    GROUP BY day, site, establishment, modality, held, key
  )
  GROUP BY day
) AS c ON c.day = d.day
LEFT JOIN (
  SELECT day, arraySort(groupUniqArrayIf(toString(system), toUnixTimestamp64Milli(complete_at) > 0)) AS whole
  FROM ops.census_asked WHERE day IN (SELECT day FROM ops.census_due) GROUP BY day
) AS w ON w.day = d.day;

-- Images announced and declared, by study date, for each system: of the studies of which both numbers are known.
CREATE TABLE IF NOT EXISTS ops.completeness_day (
  day Date,
  cell Nested (
    site LowCardinality(String), establishment LowCardinality(String), modality LowCardinality(String), system LowCardinality(String),
    studies UInt32, by_modality UInt32, told UInt64, kept UInt64, short UInt32
  ),
  made_at DateTime64(9, 'UTC')
) ENGINE = ReplacingMergeTree(made_at)
PARTITION BY toYYYYMM(day)
ORDER BY day
SETTINGS index_granularity_bytes = 262144, non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.completeness_day_mv TO ops.completeness_day AS
SELECT d.day AS day, c.a1 AS `cell.site`, c.a2 AS `cell.establishment`, c.a3 AS `cell.modality`, c.a4 AS `cell.system`, c.a5 AS `cell.studies`, c.a6 AS `cell.by_modality`,
  c.a7 AS `cell.told`, c.a8 AS `cell.kept`, c.a9 AS `cell.short`, now64(9) AS made_at
FROM (SELECT DISTINCT day FROM ops.census_due) AS d
LEFT JOIN (
  SELECT day, groupArray(site) AS a1, groupArray(establishment) AS a2, groupArray(modality) AS a3, groupArray(system) AS a4, groupArray(studies) AS a5, groupArray(by_modality) AS a6,
    groupArray(told) AS a7, groupArray(kept) AS a8, groupArray(short) AS a9
  FROM (
    SELECT day, place.1 AS site, place.2 AS establishment, kind AS modality, system, toUInt32(count()) AS studies, toUInt32(countIf(by_step > 0)) AS by_modality,
      toUInt64(sum(announced)) AS told, toUInt64(sum(least(announced, images))) AS kept, toUInt32(countIf(images < announced)) AS short
    FROM (
      SELECT h.day AS day, h.place AS place, h.kind AS kind, h.system AS system, h.images AS images, t.told AS by_step, toInt64(if(t.told > 0, t.told, ifNull(s.sent, 0))) AS announced
      FROM (
        SELECT day, study_key, place, kind, one.1 AS system, one.2 AS images
        FROM (
          SELECT day, study_key, argMinIf(where_, first_told, where_.1 != '') AS place, argMinIf(kind_, first_told, kind_ != '') AS kind, groupArrayIf((system, images_), seen > left AND images_ >= 0) AS held
          FROM (
            SELECT day, study_key, toString(p.system) AS system, max(seen_at) AS seen, max(gone_at) AS left, toInt64(ifNull(max(p.instances), -1)) AS images_, min(p.first_at) AS first_told,
              argMinIf((toString(site), toString(establishment)), p.first_at, site != '') AS where_, argMinIf(toString(modality), p.first_at, modality != '') AS kind_
            FROM ops.census_presence AS p
            WHERE day IN (SELECT day FROM ops.census_due)
            GROUP BY day, study_key, system
          )
          GROUP BY day, study_key
        )
        ARRAY JOIN held AS one
      ) AS h
      LEFT JOIN (
        SELECT study_key, sum(told_step) AS told
        FROM (
          SELECT study_key, step_key, argMaxMerge(instances) AS told_step FROM ops.study_announced
          WHERE day IN (SELECT DISTINCT arrayJoin([day - 1, day, day + 1]) FROM ops.census_due)
          GROUP BY study_key, step_key
        )
        GROUP BY study_key
      ) AS t ON t.study_key = h.study_key
      LEFT JOIN (
        SELECT study_key, system, max(images) AS sent
        FROM (
          SELECT study_key, toString(to_system) AS system, sender, sum(instances) AS images FROM ops.study_stored
          WHERE image = 1 AND day IN (SELECT DISTINCT arrayJoin(arrayMap(n -> day - 1 + n, range(9))) FROM ops.census_due)
          GROUP BY study_key, system, sender
        )
        GROUP BY study_key, system
      ) AS s ON s.study_key = h.study_key AND s.system = h.system
      WHERE announced > 0
    )
    GROUP BY day, site, establishment, modality, system
  )
  GROUP BY day
) AS c ON c.day = d.day;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_due_presence_mv TO ops.census_due AS
SELECT DISTINCT day FROM ops.census_presence;

CREATE MATERIALIZED VIEW IF NOT EXISTS ops.census_due_asked_mv TO ops.census_due AS
SELECT DISTINCT day FROM ops.census_asked;

-- What is stored already, sixteen days at once, a hundred or two hundred days a statement: each ends well within a minute or two.
INSERT INTO ops.arrival_due SELECT DISTINCT day FROM ops.exam WHERE ended_at IS NOT NULL AND day > today() - 200 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.arrival_due SELECT DISTINCT day FROM ops.exam WHERE ended_at IS NOT NULL AND day > today() - 400 AND day <= today() - 200 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.arrival_due SELECT DISTINCT day FROM ops.exam WHERE ended_at IS NOT NULL AND day <= today() - 400 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.census_due SELECT DISTINCT day FROM ops.census_asked WHERE day > today() - 100 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.census_due SELECT DISTINCT day FROM ops.census_asked WHERE day > today() - 200 AND day <= today() - 100 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.census_due SELECT DISTINCT day FROM ops.census_asked WHERE day > today() - 300 AND day <= today() - 200 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.census_due SELECT DISTINCT day FROM ops.census_asked WHERE day > today() - 400 AND day <= today() - 300 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;

INSERT INTO ops.census_due SELECT DISTINCT day FROM ops.census_asked WHERE day <= today() - 400 ORDER BY day
SETTINGS max_block_size = 16, min_insert_block_size_rows = 1, min_insert_block_size_bytes = 1;
