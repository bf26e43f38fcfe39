import { z } from 'zod';
import { Key, keyColumns, ofKeys, type KeyParams } from './access.ts';
import { recordedWithin } from './recorded.ts';
import { define, type Bounds, type Question } from './define.ts';

const words = z.array(z.string());

export const AuditEventRow = z.object({
  lane: z.string(),
  collector: z.string(),
  seq: z.number(),
  sub: z.number(),
  block: z.number(),
  received_at: z.coerce.date(),
  recorded_at: z.coerce.date(),
  occurred_at: z.coerce.date(),
  source: z.string(),
  site: z.string(),
  event_code: z.string(),
  event_types: words,
  action: z.string(),
  outcome: z.number(),
  actor_id: z.string(),
  actor_roles: words,
  audit_source: z.string(),
  enterprise_site: z.string(),
  patients: words,
  studies: words,
  accessions: words,
  modalities: words,
  instances: z.number().nullable(),
  purpose: z.string(),
  participant_id: words,
  participant_kind: words,
  participant_role: words,
  participant_requestor: z.array(z.number()),
  participant_access_point: words,
  object_kind: words,
  object_role: words,
  object_id_type: words,
  object_id: words,
  object_life_cycle: words,
  repairs: words
});
/** One event as the FHIR resource needs it. */
export type AuditEventRow = z.infer<typeof AuditEventRow>;

/** Columns of an event, from the facts `e`. */
export const auditEventColumns = `e.lane AS lane, e.collector AS collector, e.seq AS seq, e.sub AS sub, e.block AS block, received_at,
  coalesce(sent_at, occurred_at) AS recorded_at, occurred_at, source, site, event_code, event_types, action, outcome, actor_id, actor_roles,
  audit_source, enterprise_site, arrayMap(p -> lower(hex(p)), e.patients) AS patients, studies, accessions, modalities, instances, purpose,
  participant_id, participant_kind, participant_role, participant_requestor, participant_access_point, object_kind, object_role,
  object_id_type, object_id, object_life_cycle, repairs`;

/** The part of the log that a token opens: its establishments, its lane, its acts (any when empty). */
export interface Part extends Bounds {
  readonly lane: string;
  readonly codes: readonly string[];
}

/** Bounds of every question: establishments, lane and acts of the caller, and the window of `recorded`. */
const openedCodes = '(empty({codes:Array(String)}) OR event_code IN {codes:Array(String)})';
const part = `establishment IN {scope:Array(String)} AND lane = {lane:String} AND ${openedCodes}
  AND ${recordedWithin}`;

/** Values bound in `where` beside those of every question. */
type Bound = Part & Readonly<Record<string, unknown>>;

const AuditEventPlace = Key.extend({ recorded_at: z.coerce.date() });
/** Where one event of a page stands. */
export type AuditEventPlace = z.infer<typeof AuditEventPlace>;

/**
 * The places of a page's events, in order of time: the narrow columns alone are read for every event of the window.
 * @param where conditions whose values are bound under the names they use; `{limit:UInt32}` events, beyond the keyset
 * `{after:DateTime64(3)} {after_collector:String} {after_seq:UInt64} {after_sub:UInt16}` when `paged`
 */
export function auditEventPlaces(
  where: string,
  order: 'ASC' | 'DESC',
  paged: boolean
): Question<Bound & { readonly limit: number }, AuditEventPlace> {
  const keyset = `AND (coalesce(sent_at, occurred_at), collector, seq, sub) ${order === 'DESC' ? '<' : '>'} ({after:DateTime64(3)}, {after_collector:String}, {after_seq:UInt64}, {after_sub:UInt16})`;
  return define({
    name: 'fhir.places',
    sql: `SELECT coalesce(sent_at, occurred_at) AS recorded_at, ${keyColumns} FROM audit.event AS e
      WHERE ${part} AND ${where} ${paged ? keyset : ''}
      ORDER BY recorded_at ${order}, collector ${order}, seq ${order}, sub ${order} LIMIT {limit:UInt32}`,
    row: AuditEventPlace
  });
}

/** Events by their sequences, within the caller's part of the log; those of other collectors and parts of messages too. */
export const auditEventsAt = define<Omit<Part, keyof KeyParams> & KeyParams, AuditEventRow>({
  name: 'fhir.search',
  sql: `SELECT ${auditEventColumns} FROM audit.event AS e WHERE ${ofKeys} AND ${openedCodes}`,
  row: AuditEventRow
});

/** Rows of the facts that counting may read unasked: a fifth of a second, about. */
const countedUnasked = 4_000_000;

/** How many events there are. @param atAnyCost else the store refuses (158) what reads more than some millions of rows */
export function auditEventCount(where: string, atAnyCost: boolean): Question<Bound, { events: number }> {
  return define({
    ...(!atAnyCost && { limits: { max_rows_to_read: countedUnasked } }),
    name: 'fhir.count',
    sql: `SELECT count() AS events FROM audit.event AS e WHERE ${part} AND ${where}`,
    row: z.object({ events: z.number() })
  });
}

type Among = Part & { readonly ids: readonly string[]; readonly limit: number };

/** Of `ids`, those that stand in clear in the facts: names of machines. @param limit how many `ids` there are */
export const machinesAmong = define<Among, { id: string }>({
  name: 'fhir.machines',
  sql: `SELECT DISTINCT id FROM audit.event ARRAY JOIN participant_id AS id, participant_kind AS kind
    WHERE ${part} AND hasAny(participant_id, {ids:Array(String)}) AND kind != 'person' AND has({ids:Array(String)}, id) LIMIT {limit:UInt32}`,
  row: z.object({ id: z.string() })
});

/** Of `ids`, those that stand in clear in the facts: studies and accessions of any time, stations of the window. */
export const objectsAmong = define<Among, { id: string }>({
  name: 'fhir.objects',
  sql: `SELECT id FROM (SELECT arrayJoin({ids:Array(String)}) AS id) WHERE sipHash64(id) IN (SELECT study_key FROM audit.event_by_study
      WHERE study_key IN (SELECT sipHash64(arrayJoin({ids:Array(String)}))) AND lane = {lane:String} AND establishment IN {scope:Array(String)})
    UNION DISTINCT
    SELECT DISTINCT id FROM audit.event ARRAY JOIN object_id AS id, object_id_type AS type
    WHERE ${part} AND has(object_id_type, '110119') AND type = '110119' AND has({ids:Array(String)}, id) LIMIT {limit:UInt32}`,
  row: z.object({ id: z.string() })
});

/** Codes that occur in a column of the facts. */
export function codesOf(expression: string): Question<Part, { code: string }> {
  return define({
    name: 'fhir.codes',
    sql: `SELECT DISTINCT arrayJoin(${expression}) AS code FROM audit.event WHERE ${part} LIMIT 5000`,
    row: z.object({ code: z.string() })
  });
}

/** The newest whole block of each collector: a block's header is stored after its events. */
export const newestBlocks = define<
  Bounds & { readonly lane: string },
  { collector: string; block: number; last_seq: number }
>({
  name: 'fhir.newest-blocks',
  sql: `SELECT collector, max(b.block) AS block, max(b.last_seq) AS last_seq FROM audit.block AS b
    WHERE lane = {lane:String} AND kind = 'block' AND notEmpty({scope:Array(String)})
      AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)} GROUP BY collector ORDER BY collector LIMIT 1000`,
  row: z.object({ collector: z.string(), block: z.number(), last_seq: z.number() })
});

/** Newest stored sequence of a collector, lane by lane. */
export const storedSequences = define<
  Bounds & { readonly collector: string },
  { lane: string; last_seq: number }
>({
  name: 'fhir.stored-sequences',
  sql: `SELECT lane, max(last_seq) AS last_seq FROM audit.block
    WHERE collector = {collector:String} AND kind = 'block' AND notEmpty({scope:Array(String)})
      AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)} GROUP BY lane`,
  row: z.object({ lane: z.string(), last_seq: z.number() })
});

export interface AuditEventKey {
  readonly collector: string;
  readonly lane: string;
  readonly seq: number;
  readonly sub: number;
}

/** One event by its id, within the caller's part of the log: what lies outside is as if it did not exist. */
export const auditEventById = define<Part & AuditEventKey, AuditEventRow>({
  name: 'fhir.read',
  sql: `SELECT ${auditEventColumns} FROM audit.event AS e WHERE ${part}
    AND seq = {seq:UInt64} AND sub = {sub:UInt16} AND collector = {collector:String} LIMIT 1`,
  row: AuditEventRow
});

/** The event that a repeated reception repeats. */
export const originalOf = define<Bounds & AuditEventKey, { original_seq: number }>({
  name: 'fhir.original',
  sql: `SELECT original_seq FROM audit.reception
    WHERE collector = {collector:String} AND lane = {lane:String} AND seq = {seq:UInt64}
      AND (establishment IN {scope:Array(String)} OR establishment = '')
      AND received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)} LIMIT 1`,
  row: z.object({ original_seq: z.number() })
});
