import { z } from 'zod';
import { counts, facetColumns, facets, factColumns, filtered, filteredHours, narrowColumns, narrowing, origins, type Chosen, type Facet, type Origin } from './access-sql.ts'; // prettier-ignore
import { define, defineShaped, type Bounds, type Given, type Question } from './define.ts';

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

const names = facets.map((facet) => `f_${facet}`);
const named = facets.map((facet) => `${facetColumns[facet]} AS f_${facet}`).join(', ');
/** What `grouping` tells of a row that counts one facet: every bit but that facet's, the first facet's the highest. */
const othersOf = (facet: Facet) => 2 ** facets.length - 1 - 2 ** (facets.length - 1 - facets.indexOf(facet));
const OneFacet = z
  .object({ others: z.number(), value: z.string(), events: z.number() })
  .transform(({ others, value, events }, told): FacetRow => {
    const facet = facets.find((one) => othersOf(one) === others);
    if (facet) return { facet, value, events };
    told.addIssue({ code: 'custom', message: 'counts no facet' });
    return z.NEVER;
  });

/** Events of a facet's value: those that meet all choices, and in a facet with choices those that miss no others. */
function facetEvents(given: Chosen): string {
  const active = facets.filter((facet) => given(facet));
  if (active.length === 0) return 'sum(c.events)';
  const own = active.map((facet) => `others = ${othersOf(facet)}, sumIf(c.events, missed = ${facets.indexOf(facet) + 1})`);
  return `sumIf(c.events, missed = 0) + multiIf(${own.join(', ')}, 0)`;
} // prettier-ignore

/**
 * Every facet's values with their counts, each under the choices of all the others, so that what else may be chosen is seen: one
 * pass that groups eight times. In the groups of one facet all others are ''.
 */
export const accessFacets = byOrigin(origins, (origin) =>
  defineShaped<(typeof narrowing)[number], Counted, FacetRow>({
    name: `access.facets.${origin}`,
    optional: narrowing,
    sql: (
      given
    ) => `SELECT grouping(${names.join(', ')}) AS others, concat(${names.join(', ')}) AS value, ${facetEvents(given)} AS events
    FROM (SELECT ${named}, r.missed AS missed, r.events AS events FROM ${counts(given, origin, 'facets')} AS r) AS c
    GROUP BY GROUPING SETS (${names.map((name) => `(${name})`).join(', ')}) HAVING events > 0
    ORDER BY others, events DESC, value LIMIT ${mostValues} BY others`,
    row: OneFacet
  })
);

const Column = z.object({ at: z.coerce.date(), events: z.number(), failures: z.number() });
export type HistogramColumn = z.infer<typeof Column>;

/** Where the column of a moment begins, in Europe/Paris: its Monday, its day, or so many seconds from midnight. */
const columnAt = {
  week: "toDateTime(toMonday(r.at, 'Europe/Paris'), 'Europe/Paris')",
  day: "toStartOfDay(r.at, 'Europe/Paris')",
  finer:
    "toStartOfDay(r.at, 'Europe/Paris') + intDiv(toUInt32(r.at) - toUInt32(toStartOfDay(r.at, 'Europe/Paris')), {step:UInt32}) * {step:UInt32}"
} as const;
type Grain = keyof typeof columnAt;
type Stepped = Counted & { readonly step: number };

const histogram = (origin: Origin, grain: Grain) =>
  defineShaped<(typeof narrowing)[number], Stepped, HistogramColumn>({
    name: `access.histogram.${origin}`,
    optional: narrowing,
    sql: (given) => `SELECT toDateTime64(column_at, 3, 'UTC') AS at, events, failures FROM (
      SELECT ${columnAt[grain]} AS column_at, sum(r.events) AS events, sumIf(r.events, outcome > 0) AS failures
      FROM ${counts(given, origin, 'time')} AS r GROUP BY column_at ORDER BY column_at LIMIT 2000)`,
    row: Column
  });

/** Events by column of time: `step` seconds from each midnight of Europe/Paris; its days and weeks from a day on. */
export const accessHistogram = byOrigin(origins, (origin): Pick<Question<Stepped, HistogramColumn>, 'ask'> => {
  const by = { week: histogram(origin, 'week'), day: histogram(origin, 'day'), finer: histogram(origin, 'finer') };
  const grain = (step: number): Grain => (step > 86_400 ? 'week' : step === 86_400 ? 'day' : 'finer');
  return { ask: (client, params, signal) => by[grain(params.step)].ask(client, params, signal) };
}); // prettier-ignore

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

const Whole = AccessRow.omit({ id: true }).extend({ lane: z.string() });
type Whole = z.infer<typeof Whole>;
const withId = ({ lane, ...row }: Whole): AccessRow => ({ ...row, id: `${row.collector}-${lane}-${row.seq}-${row.sub}` }); // prettier-ignore
/** A line from the facts. */
export const FactLine = Whole.transform(withId);
/**
 * A line from a narrow table: the first patient, the first study (its key alone) and the first modality stand for all. Rows of
 * narrow tables are compared with each other, never with the facts.
 */
export const NarrowLine = Whole.omit({ event_types: true, patients: true, studies: true, accessions: true, modalities: true })
  .extend({ of_patient: z.string(), of_study: z.string(), of_modality: z.string() })
  .transform(({ of_patient, of_study, of_modality, ...row }) =>
    withId({
      ...row,
      event_types: [],
      patients: /^0*$/.test(of_patient) ? [] : [of_patient.toLowerCase()],
      studies: [of_study],
      accessions: [],
      modalities: [of_modality].filter(Boolean)
    })
  ); // prettier-ignore

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

/** What narrows a page beside the filter: how far its list goes, and the row it begins after. */
const paging = [...narrowing, 'boundCollectors', 'beforeCollector'] as const;
type Paging = Given<(typeof paging)[number]>;

const bounded = 'seq <= {boundSeqs:Array(UInt64)}[indexOf({boundCollectors:Array(String)}, collector)]';
const after =
  '(occurred_at, collector, seq, sub) < ({beforeAt:DateTime64(3)}, {beforeCollector:String}, {beforeSeq:UInt64}, {beforeSub:UInt16})';
const before = (given: Paging) =>
  `${given('boundCollectors') ? `${bounded} AND ` : ''}${given('beforeCollector') ? after : 'occurred_at < {beforeAt:DateTime64(3)}'}`;
const newest = 'ORDER BY occurred_at DESC, collector DESC, seq DESC, sub DESC LIMIT {limit:UInt32}';
const paged = <P extends AccessPage, R>(name: string, row: z.ZodType<R>, sql: (given: Paging) => string) =>
  defineShaped<(typeof paging)[number], P, R>({ name, optional: paging, sql, row });

/** A page of the facts. The caller has narrowed the window to hold about a page. */
export const factsPage = paged<AccessPage, AccessRow>(
  'access.list.facts',
  FactLine,
  (given) => `SELECT ${factColumns} FROM ${filtered(given, 'facts')} AND ${before(given)} ${newest}`
);

/** Hours of the facts by site and act, the parts of their key: each place is (sites[n], codes[n], hours[n]). */
export interface Cells {
  readonly cellSites: readonly string[];
  readonly cellCodes: readonly string[];
  /** Seconds since 1970. */
  readonly cellHours: readonly number[];
}

/** A page of the facts from some cells of their key. */
export const cellsPage = paged<AccessPage & Cells, AccessRow>(
  'access.list.cells',
  FactLine,
  (given) => `SELECT ${factColumns} FROM ${filtered(given, 'facts')} AND ${before(given)}
    AND (site, event_code, toStartOfHour(occurred_at)) IN (SELECT cell.1, cell.2, toDateTime(cell.3, 'UTC') FROM
      (SELECT arrayJoin(arrayZip({cellSites:Array(String)}, {cellCodes:Array(String)}, {cellHours:Array(UInt32)})) AS cell)) ${newest}`
);

const Hour = z.object({
  at: z.coerce.date(),
  events: z.number(),
  cells: z.array(z.tuple([z.string(), z.string()]))
});
export type Hour = z.infer<typeof Hour>;

/** Hours that hold rows of a filter, newest first, with the sites and acts of those rows. */
export const hoursOf = defineShaped<(typeof narrowing)[number], AccessFilter & { readonly limit: number }, Hour>({
  name: 'access.hours',
  optional: narrowing,
  sql: (given) => `SELECT toDateTime64(hour, 3, 'UTC') AS at, sum(h.events) AS events, groupUniqArray((toString(site), toString(event_code))) AS cells
    FROM ${filteredHours(given)} GROUP BY hour ORDER BY hour DESC LIMIT {limit:UInt32}`,
  row: Hour
}); // prettier-ignore

/** A page of one patient, from its narrow table alone. A patient under two identifiers is two rows there of one event. */
export const patientPage = paged<AccessPage, AccessRow>(
  'access.list.patient',
  NarrowLine,
  (given) =>
    `SELECT ${narrowColumns} FROM ${filtered(given, 'patient')} AND ${before(given)} ${newest.replace('LIMIT', 'LIMIT 1 BY collector, seq, sub LIMIT')}`
);

/** A page of one user, from its narrow table alone. */
export const actorPage = paged<AccessPage, AccessRow>(
  'access.list.actor',
  NarrowLine,
  (given) => `SELECT ${narrowColumns} FROM ${filtered(given, 'actor')} AND ${before(given)} ${newest}`
);

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

/** Where the rows of a page of one subject lie. */
export const keysPage = byOrigin(['patient', 'actor', 'study'], (origin) =>
  paged<AccessPage, Key>(
    `access.keys.${origin}`,
    Key,
    (given) => `SELECT ${keyColumns} FROM ${filtered(given, origin)} AND ${before(given)} ${newest}`
  )
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
  row: FactLine
});
