import { z } from 'zod';
import { actorColumns, counts, facetColumns, facets, factColumns, filtered, filteredHours, origins, patientColumns, type Facet, type Origin } from './access-sql.ts'; // prettier-ignore
import { define, type Bounds } from './define.ts';

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

/** Every facet's values with their counts: one pass that groups eight times. */
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

/**
 * The same where values are chosen: each facet under the choices of all the others, so that what else may be chosen is seen. One
 * pass over the rows that miss the choices of one facet at most: a row that misses some counts for that facet alone.
 */
export const accessFacetsChosen = byOrigin(origins, (origin) =>
  define<Counted, FacetRow>({
    name: `access.facets-chosen.${origin}`,
    sql: `SELECT t.1 AS facet, t.2 AS value, sum(g.events) AS events FROM (
      SELECT g.events, missed, arrayJoin([${facets.map((facet) => `('${facet}', toString(f_${facet}))`).join(', ')}]) AS t
      FROM (SELECT ${facets.map((facet) => `f_${facet}`).join(', ')}, missed, sum(c.events) AS events
        FROM (SELECT ${named}, missed, r.events AS events FROM ${counts(origin, 'all-but-one')} AS r) AS c GROUP BY ALL) AS g) AS g
    WHERE missed = '' OR missed = t.1 GROUP BY facet, value ORDER BY facet, events DESC, value LIMIT ${mostValues} BY facet`,
    row: FacetRow
  })
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

/** Hours of the facts by site and act, the parts of their key: each place is (sites[n], codes[n], hours[n]). */
export interface Cells {
  readonly cellSites: readonly string[];
  readonly cellCodes: readonly string[];
  /** Seconds since 1970. */
  readonly cellHours: readonly number[];
}

/** A page of the facts from some cells of their key. */
export const cellsPage = define<AccessPage & Cells, AccessRow>({
  name: 'access.list.cells',
  sql: `SELECT ${factColumns} FROM ${filtered('facts')} AND ${before}
    AND (site, event_code, toStartOfHour(occurred_at)) IN (SELECT cell.1, cell.2, toDateTime(cell.3, 'UTC') FROM
      (SELECT arrayJoin(arrayZip({cellSites:Array(String)}, {cellCodes:Array(String)}, {cellHours:Array(UInt32)})) AS cell)) ${newest}`,
  row: AccessRow
});

const Hour = z.object({
  at: z.coerce.date(),
  events: z.number(),
  cells: z.array(z.tuple([z.string(), z.string()]))
});
export type Hour = z.infer<typeof Hour>;

/** Hours that hold rows of a filter, newest first, with the sites and acts of those rows. */
export const hoursOf = define<AccessFilter & { readonly limit: number }, Hour>({
  name: 'access.hours',
  sql: `SELECT toDateTime64(hour, 3, 'UTC') AS at, sum(h.events) AS events, groupUniqArray((toString(site), toString(event_code))) AS cells
    FROM ${filteredHours} GROUP BY hour ORDER BY hour DESC LIMIT {limit:UInt32}`,
  row: Hour
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

export const Key = z.object({
  site: z.string(),
  event_code: z.string(),
  occurred_at: z.coerce.date(),
  collector: z.string(),
  seq: z.number(),
  sub: z.number()
});
/** Where a row lies: the key of the facts, in their order. */
export type Key = z.infer<typeof Key>;
export const keyColumns = 'site, event_code, occurred_at, collector, seq, sub';

/** Where the rows of a page of one study lie. */
export const keysPage = byOrigin(['patient', 'actor', 'study'], (origin) =>
  define<AccessPage, Key>({
    name: `access.keys.${origin}`,
    sql: `SELECT ${keyColumns} FROM ${filtered(origin)} AND ${before} ${newest}`,
    row: Key
  })
);

/** What a question binds of keys, times in ms since 1970. Others of the same seq may come. Pure. */
export const keyParams = (keys: readonly Key[]) => {
  const times = keys.map(({ occurred_at }) => occurred_at.getTime());
  return {
    from: new Date(Math.min(...times)),
    to: new Date(Math.max(...times)),
    keySites: keys.map(({ site }) => site),
    keyCodes: keys.map(({ event_code }) => event_code),
    keyTimes: times,
    keySeqs: keys.map(({ seq }) => seq)
  };
};
export type KeyParams = ReturnType<typeof keyParams>;
/** Rows of the facts `e` by keys: a granule for each, by the key they are sorted by. */
export const ofKeys = `(site, event_code, occurred_at) IN (SELECT one.1, one.2, fromUnixTimestamp64Milli(one.3, 'UTC') FROM
      (SELECT arrayJoin(arrayZip({keySites:Array(String)}, {keyCodes:Array(String)}, {keyTimes:Array(Int64)})) AS one))
    AND occurred_at >= {from:DateTime64(3)} AND occurred_at <= {to:DateTime64(3)} AND seq IN {keySeqs:Array(UInt64)}
    AND lane = {lane:String} AND establishment IN {scope:Array(String)}`;

/** Rows of the facts by their keys. */
export const rowsOfKeys = define<
  KeyParams & { readonly lane: string; readonly scope: readonly string[] },
  AccessRow
>({
  name: 'access.rows',
  sql: `SELECT ${factColumns} FROM audit.event AS e WHERE ${ofKeys} ORDER BY occurred_at DESC, collector DESC, seq DESC, sub DESC LIMIT 5000`,
  row: AccessRow
});
