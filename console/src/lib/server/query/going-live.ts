import { z } from 'zod';
import { define, type Bounds } from './define.ts';

type OfSite = Bounds & { readonly site: string; readonly systems: readonly string[] };

const Modalities = z.object({ stored: z.array(z.string()), echoed: z.array(z.string()), seen: z.number() });

/** Declared modalities of a site that stored images, or at least echoed, whoever saw it; `seen` transfers of any of them. */
export const modalitiesSeen = define<OfSite, z.infer<typeof Modalities>>({
  name: 'going-live.modalities',
  sql: `SELECT groupUniqArrayIf(from_system, service IN ('C-STORE', 'STOW') AND status IN ('success', 'warning')) AS stored,
      groupUniqArrayIf(from_system, service = 'C-ECHO' AND status = 'success') AS echoed, count() AS seen
    FROM ops.transfer_hourly WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)}
      AND has({scope:Array(String)}, establishment) AND has({systems:Array(String)}, from_system)`,
  row: Modalities
});

const Worklist = z.object({ asking: z.array(z.string()), seen: z.number() });

/** Modalities that asked for the worklist (Modality Worklist FIND), and whether any worklist was ever seen: few observers tell it. */
export const worklistSeen = define<OfSite, z.infer<typeof Worklist>>({
  name: 'going-live.worklist',
  sql: `SELECT groupUniqArrayIf(from_system, has({systems:Array(String)}, from_system)) AS asking, count() AS seen
    FROM ops.transfer WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}
      AND has({scope:Array(String)}, establishment) AND service = 'C-FIND' AND sop_class = '1.2.840.10008.5.1.4.31'`,
  row: Worklist
});

const Probes = z.object({ checks: z.number(), successes: z.number() });

/** C-ECHO checks of the shared services, and of the site's own. */
export const echoChecks = define<OfSite, z.infer<typeof Probes>>({
  name: 'going-live.echo',
  sql: `SELECT sum(p.checks) AS checks, sum(p.successes) AS successes FROM ops.probe_minute AS p
    WHERE minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} AND kind = 'c-echo'
      AND (establishment = '' OR (site = {site:String} AND has({scope:Array(String)}, establishment)))`,
  row: Probes
});

const Exams = z.object({ ended: z.number(), available: z.number(), told: z.number() });

/** Exams of a site that ended, and those of them whose images were told available or found in an archive; `told` is whether anything tells that. */
export const examsComplete = define<OfSite, z.infer<typeof Exams>>({
  name: 'going-live.complete',
  sql: `WITH found AS (SELECT accession FROM ops.census_study WHERE accession != '' AND has({scope:Array(String)}, establishment)
      AND study_date >= toDate({from:DateTime64(3)}, 'Europe/Paris') - 1 AND study_date <= toDate({to:DateTime64(3)}, 'Europe/Paris'))
    SELECT countIf(outcome = 'done') AS ended, countIf(outcome = 'done' AND there) AS available, countIf(there) AS told
    FROM (SELECT outcome, available_at IS NOT NULL OR accession IN (SELECT accession FROM found) AS there FROM ops.exam FINAL WHERE day >= toDate({from:DateTime64(3)}, 'Europe/Paris') AND day < toDate({to:DateTime64(3)}, 'Europe/Paris')
      AND site = {site:String} AND has({scope:Array(String)}, establishment))`,
  row: Exams
});

const Ins = z.object({ all: z.number(), told: z.number(), qualified: z.number() });

/** Exams of a site told of, those whose messages told the state of the patient's national identifier, and those where it is qualified. */
export const insQualified = define<OfSite, z.infer<typeof Ins>>({
  name: 'going-live.ins',
  sql: `SELECT uniqExact(accession) AS all, uniqExactIf(accession, ins_status != '') AS told, uniqExactIf(accession, ins_status = 'qualified') AS qualified
    FROM ops.exam_event WHERE occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}
      AND site = {site:String} AND accession != '' AND has({scope:Array(String)}, establishment)`,
  row: Ins
});

const Senders = z.object({ sender: z.string(), kind: z.string(), seen: z.number(), last: z.coerce.date() });

/** AE titles and sources of a site that vigie.yaml does not declare, the busiest first. */
export const unknownSenders = define<OfSite, z.infer<typeof Senders>>({
  name: 'going-live.senders',
  sql: `SELECT sender, kind, sum(n) AS seen, max(at) AS last FROM (
      SELECT calling_ae AS sender, 'ae' AS kind, transfers AS n, last_at AS at FROM ops.transfer_hourly
        WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND site = {site:String} AND from_system = '' AND calling_ae != '' AND match(service, '^[CN]-')
          AND has({scope:Array(String)}, establishment)
      UNION ALL
      SELECT replaceOne(source, 'unknown:', '') AS sender, 'source' AS kind, received AS n, last_at AS at FROM ops.feed_minute
        WHERE minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} AND site = {site:String} AND startsWith(source, 'unknown:')
          AND has({scope:Array(String)}, establishment))
    GROUP BY sender, kind ORDER BY seen DESC, sender LIMIT 50`,
  row: Senders
});

const Days = z.object({ day: z.string(), exams: z.number() });

/** Exams that ended, by day of Paris: each once, as on the Activity page. */
export const examsByDay = define<OfSite, z.infer<typeof Days>>({
  name: 'going-live.days',
  sql: `SELECT toString(e.day) AS day, count() AS exams FROM ops.exam AS e FINAL
    WHERE outcome = 'done' AND site = {site:String} AND has({scope:Array(String)}, establishment)
      AND e.day >= toDate({from:DateTime64(3)}, 'Europe/Paris') AND e.day < toDate({to:DateTime64(3)}, 'Europe/Paris')
    GROUP BY e.day ORDER BY e.day LIMIT 1000`,
  row: Days
});

const Archive = z.object({
  system: z.string(),
  transfers: z.number(),
  failed: z.number(),
  bytes: z.number().nullable(),
  duration_ms: z.number().nullable(),
  checks: z.number(),
  successes: z.number()
});

/** What two archives took in, how that failed, and how they answered, in one window. */
export const archiveFigures = define<
  Bounds & { readonly systems: readonly string[] },
  z.infer<typeof Archive>
>({
  name: 'going-live.archives',
  sql: `SELECT system, sum(n) AS transfers, sum(bad) AS failed, sum(b) AS bytes, sum(ms) AS duration_ms, sum(c) AS checks, sum(s) AS successes FROM (
      SELECT to_system AS system, t.transfers AS n, if(status IN ('success', 'warning'), 0, t.transfers) AS bad, t.bytes AS b, t.duration_ms AS ms, 0 AS c, 0 AS s
        FROM ops.transfer_hourly AS t WHERE hour >= {from:DateTime64(3)} AND hour < {to:DateTime64(3)} AND service IN ('C-STORE', 'STOW')
          AND has({scope:Array(String)}, establishment) AND has({systems:Array(String)}, to_system)
      UNION ALL
      SELECT system, 0, 0, NULL, NULL, p.checks, p.successes FROM ops.probe_minute AS p
        WHERE minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} AND has({systems:Array(String)}, system)
          AND (establishment = '' OR has({scope:Array(String)}, establishment)))
    GROUP BY system ORDER BY system`,
  row: Archive
});

const Held = z.object({ system: z.string(), studies: z.number() });

/** Studies that each archive holds, by its latest censuses. */
export const studiesHeld = define<Bounds & { readonly systems: readonly string[] }, z.infer<typeof Held>>({
  name: 'going-live.held',
  sql: `SELECT system, sum(studies) AS studies FROM (SELECT system, day, site, modality, argMaxMerge(c.studies) AS studies FROM ops.census_cell AS c
      WHERE has({systems:Array(String)}, system) AND day >= toDate({from:DateTime64(3)}) AND day < toDate({to:DateTime64(3)}) AND has({scope:Array(String)}, establishment)
      GROUP BY system, day, site, modality) GROUP BY system ORDER BY system`,
  row: Held
});
