import { z } from 'zod';
import { actorColumns, counts, facetColumns, facets, factColumns, filtered, origins, patientColumns, type Facet, type Origin } from './access-sql.ts'; // prettier-ignore
import { define, type Bounds, type Question } from './define.ts';

type NumberFacet = 'outcome' | 'emergency';
/** Filters of the explorer; '' or an empty list means any. */
export interface AccessFilter extends Bounds, Readonly<Record<Exclude<Facet, NumberFacet>, readonly string[]> & Record<NumberFacet, readonly number[]>> {
  /** The part of the log the reader's role opens: its lane, and its acts (any when empty). */
  readonly lane: string;
  readonly codes: readonly string[];
  /** Pseudonym of a person, or the name of an application. */
  readonly actors: readonly string[];
  /** Study Instance UID or accession number. */
  readonly study: string;
  /** Pseudonyms of a patient, 32 hexadecimal digits each. */
  readonly patients: readonly string[];
} // prettier-ignore

/** What counts need beside the filter: the whole days inside the window. */
export interface Counted extends AccessFilter {
  readonly daysFrom: Date;
  readonly daysTo: Date;
}

const byOrigin = <O extends Origin, T>(list: readonly O[], make: (origin: O) => T): Readonly<Record<O, T>> =>
  Object.fromEntries(list.map((origin) => [origin, make(origin)])) as Record<O, T>;

const FacetRow = z.object({ facet: z.enum(facets), value: z.string(), events: z.number() });
export type FacetRow = z.infer<typeof FacetRow>;
/** Values of one facet at most; rarer ones are found by another filter. */
const mostValues = 15;

const named = facets.map((facet) => `${facetColumns[facet]} AS f_${facet}`).join(', ');
const isOf = (facet: Facet) => `grouping(f_${facet}) = 0`;

/** Every facet's values with their counts, under all filters: one pass that groups eight times. */
export const accessFacets = byOrigin(origins, (origin) =>
  define<Counted, FacetRow>({
    name: `access.facets.${origin}`,
    sql: `SELECT multiIf(${facets.map((facet) => `${isOf(facet)}, '${facet}'`).join(', ')}, '') AS facet,
      multiIf(${facets.map((facet) => `${isOf(facet)}, toString(f_${facet})`).join(', ')}, '') AS value, sum(c.events) AS events
    FROM (SELECT ${named}, r.events AS events FROM ${counts(origin)} AS r) AS c
    GROUP BY GROUPING SETS (${facets.map((facet) => `(f_${facet})`).join(', ')})
    ORDER BY facet, events DESC, value LIMIT ${mostValues} BY facet`,
    row: FacetRow
  })
);

/** One facet's values with their counts. Asked without the facet's own choice, so that what else may be chosen is seen. */
export const accessFacet = byOrigin(
  origins,
  (origin): Readonly<Record<Facet, Question<Counted, FacetRow>>> =>
    Object.fromEntries(
      facets.map((facet) => [
        facet,
        define<Counted, FacetRow>({
          name: `access.facet.${origin}.${facet}`,
          sql: `SELECT '${facet}' AS facet, ${facetColumns[facet]} AS value, sum(r.events) AS events FROM ${counts(origin)} AS r
        GROUP BY value ORDER BY events DESC, value LIMIT ${mostValues}`,
          row: FacetRow
        })
      ])
    ) as Record<Facet, Question<Counted, FacetRow>>
);

const Column = z.object({ at: z.coerce.date(), events: z.number(), failures: z.number() });
export type HistogramColumn = z.infer<typeof Column>;

/** Events by column of time: `step` seconds from each midnight of Europe/Paris; its days and weeks from a day on. */
export const accessHistogram = byOrigin(origins, (origin) =>
  define<Counted & { readonly step: number }, HistogramColumn>({
    name: `access.histogram.${origin}`,
    sql: `WITH toStartOfDay(r.at, 'Europe/Paris') AS day
    SELECT toDateTime64(multiIf({step:UInt32} > 86400, toDateTime(toMonday(r.at, 'Europe/Paris'), 'Europe/Paris'), {step:UInt32} = 86400, day,
      day + intDiv(toUInt32(r.at) - toUInt32(day), {step:UInt32}) * {step:UInt32}), 3, 'UTC') AS column_at, column_at AS at, sum(r.events) AS events, sumIf(r.events, outcome > 0) AS failures
    FROM ${counts(origin)} AS r GROUP BY column_at ORDER BY column_at LIMIT 2000`,
    row: Column
  })
);

/** One line of a list. */
export const AccessRow = z.object({
  id: z.string(),
  collector: z.string(),
  seq: z.number(),
  sub: z.number(),
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
  emergency: z.number(),
  ae_from: z.string(),
  ae_to: z.string()
});
export type AccessRow = z.infer<typeof AccessRow>;

/** The newest sequence of each collector that a list holds; any when there is no collector. */
export interface Bounded {
  readonly boundCollectors: readonly string[];
  readonly boundSeqs: readonly number[];
}

/** Keyset: rows before a place and within the list's bound, so that what arrives meanwhile moves nothing. */
export interface AccessPage extends AccessFilter, Bounded {
  readonly beforeAt: Date;
  readonly beforeCollector: string;
  readonly beforeSeq: number;
  readonly beforeSub: number;
  readonly limit: number;
}

const bounded =
  '(empty({boundCollectors:Array(String)}) OR seq <= {boundSeqs:Array(UInt64)}[indexOf({boundCollectors:Array(String)}, collector)])';
const before = `${bounded} AND (occurred_at, collector, seq, sub) < ({beforeAt:DateTime64(3)}, {beforeCollector:String}, {beforeSeq:UInt64}, {beforeSub:UInt16})`;
const newest = 'ORDER BY occurred_at DESC, collector DESC, seq DESC, sub DESC LIMIT {limit:UInt32}';
/** A page of the facts. The caller has narrowed the window to hold about a page. */
export const factsPage = define<AccessPage, AccessRow>({
  name: 'access.list.facts',
  sql: `SELECT ${factColumns} FROM ${filtered('facts')} AND ${before} ${newest}`,
  row: AccessRow
});

/** A page of one patient, from its narrow table alone. A patient under two identifiers is two rows there of one event. */
export const patientPage = define<AccessPage, AccessRow>({
  name: 'access.list.patient',
  sql: `SELECT ${patientColumns} FROM ${filtered('patient')} AND ${before} ${newest.replace('LIMIT', 'LIMIT 1 BY collector, seq, sub LIMIT')}`,
  row: AccessRow
});

/** A page of one user, from its narrow table alone. */
export const actorPage = define<AccessPage, AccessRow>({
  name: 'access.list.actor',
  sql: `SELECT ${actorColumns} FROM ${filtered('actor')} AND ${before} ${newest}`,
  row: AccessRow
});

const Key = z.object({
  occurred_at: z.coerce.date(),
  collector: z.string(),
  seq: z.number(),
  sub: z.number()
});
export type Key = z.infer<typeof Key>;

/** Where the rows of a page of one subject lie. */
export const keysPage = byOrigin(['patient', 'actor', 'study'], (origin) =>
  define<AccessPage, Key>({
    name: `access.keys.${origin}`,
    sql: `SELECT occurred_at, collector, seq, sub FROM ${filtered(origin)} AND ${before} ${newest}`,
    row: Key
  })
);

/** Rows of the facts by their keys; `from` and `to` are the first and last of their times. Others of the same seq may come. */
export const rowsOfKeys = define<
  Bounds & {
    readonly lane: string;
    readonly collectors: readonly string[];
    readonly seqs: readonly number[];
  },
  AccessRow
>({
  name: 'access.rows',
  sql: `SELECT ${factColumns} FROM audit.event AS e WHERE seq IN {seqs:Array(UInt64)} AND occurred_at >= {from:DateTime64(3)} AND occurred_at <= {to:DateTime64(3)}
    AND collector IN {collectors:Array(String)} AND lane = {lane:String} AND establishment IN {scope:Array(String)}
    ORDER BY occurred_at DESC, collector DESC, seq DESC, sub DESC LIMIT 5000`,
  row: AccessRow
});
