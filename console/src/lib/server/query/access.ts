import { z } from 'zod';
import { define, type Bounds } from './define.ts';

/** Filters of the access page; '' or an empty list means any. */
export interface AccessFilter extends Bounds {
  readonly sites: readonly string[];
  /** The part of the log the reader's role opens: its lane, and its acts (any when empty). */
  readonly lane: string;
  readonly codes: readonly string[];
  readonly event: readonly string[];
  readonly source: readonly string[];
  readonly action: readonly string[];
  readonly outcome: readonly number[];
  readonly role: readonly string[];
  readonly emergency: readonly number[];
  readonly actor: string;
  readonly study: string;
  /** Pseudonyms of a patient search, 32 hexadecimal digits each. */
  readonly patients: readonly string[];
}

const any = (column: string, name: string, type: string) =>
  `(empty({${name}:Array(${type})}) OR ${column} IN {${name}:Array(${type})})`;

/** The same rows for list, counts, facets and histogram. */
export const accessWhere = `occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}
  AND establishment IN {scope:Array(String)} AND site IN {sites:Array(String)} AND lane = {lane:String}
  AND ${any('event_code', 'codes', 'String')} AND ${any('event_code', 'event', 'String')} AND ${any('source', 'source', 'String')} AND ${any('action', 'action', 'String')}
  AND ${any('outcome', 'outcome', 'UInt8')} AND ${any("if(empty(actor_roles), '', actor_roles[1])", 'role', 'String')}
  AND ${any('emergency', 'emergency', 'UInt8')}
  AND ({actor:String} = '' OR actor_id = {actor:String})
  AND ({study:String} = '' OR has(studies, {study:String}) OR has(accessions, {study:String}))
  AND (empty({patients:Array(String)}) OR hasAny(patients, arrayMap(p -> toFixedString(unhex(p), 16), {patients:Array(String)})))
  AND (empty({patients:Array(String)}) OR (collector, seq, sub) IN (
    SELECT collector, seq, sub FROM audit.event_by_patient
    WHERE patient IN (SELECT toFixedString(unhex(arrayJoin({patients:Array(String)})), 16))
      AND occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}))`;

const AccessRow = z.object({
  id: z.string(),
  occurred_at: z.coerce.date(),
  event_code: z.string(),
  event_types: z.array(z.string()),
  action: z.string(),
  outcome: z.number(),
  actor_id: z.string(),
  actor_kind: z.string(),
  actor_role: z.string(),
  patients: z.array(z.string()),
  studies: z.array(z.string()),
  accessions: z.array(z.string()),
  modalities: z.array(z.string()),
  site: z.string(),
  source: z.string(),
  access_point: z.string(),
  emergency: z.number()
});
export type AccessRow = z.infer<typeof AccessRow>;

/** Keyset: rows before (`beforeAt`, `beforeId`), newest first. */
export interface AccessPage extends AccessFilter {
  readonly beforeAt: Date;
  readonly beforeId: string;
  readonly limit: number;
}

const eventId = "concat(collector, '-', lane, '-', toString(seq), '-', toString(sub))";

export const accessList = define<AccessPage, AccessRow>({
  name: 'access.list',
  sql: `SELECT ${eventId} AS id, occurred_at, event_code, event_types, action, outcome, actor_id, actor_kind,
    if(empty(actor_roles), '', actor_roles[1]) AS actor_role, arrayMap(p -> lower(hex(p)), e.patients) AS patients, studies, accessions,
    modalities, site, source, access_point, emergency
  FROM audit.event AS e
  WHERE ${accessWhere.replaceAll('hasAny(patients', 'hasAny(e.patients')}
    AND (occurred_at, ${eventId}) < ({beforeAt:DateTime64(3)}, {beforeId:String})
  ORDER BY occurred_at DESC, id DESC LIMIT {limit:UInt32}`,
  row: AccessRow
});

export const accessFacets = define({
  name: 'access.facets',
  sql: `SELECT tupleElement(f, 1) AS facet, tupleElement(f, 2) AS value, count() AS events FROM audit.event
  ARRAY JOIN [('event', event_code), ('site', site), ('source', toString(source)), ('action', action), ('outcome', toString(outcome)),
    ('role', if(empty(actor_roles), '', actor_roles[1])), ('emergency', toString(emergency))] AS f
  WHERE ${accessWhere} GROUP BY facet, value ORDER BY facet, events DESC LIMIT 12 BY facet`,
  row: z.object({ facet: z.string(), value: z.string(), events: z.number() })
});

export const accessHistogram = define<AccessFilter & { readonly step: number }, { at: Date; events: number }>(
  {
    name: 'access.histogram',
    sql: `SELECT toDateTime64(toStartOfInterval(toDateTime(occurred_at, 'UTC'), toIntervalSecond({step:UInt32})), 3, 'UTC') AS at, count() AS events
  FROM audit.event WHERE ${accessWhere} GROUP BY at ORDER BY at`,
    row: z.object({ at: z.coerce.date(), events: z.number() })
  }
);
