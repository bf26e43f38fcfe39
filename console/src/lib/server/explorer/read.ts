import type { ClickHouseClient } from '@vigie/store';
import { acts, longestWindowMs, spokesman } from '#lib/explorer/same-acts.ts';
import { columnStarts, type Window } from '#lib/explorer/window.ts';
import { facetNames } from '#lib/explorer/facets.ts';
import type { Cursor } from './cursor.ts';
import type { Origin } from '../query/access-sql.ts';
import {
  accessFacets,
  accessFacetsChosen,
  accessHistogram,
  actorPage,
  cellsPage,
  factsPage,
  hoursOf,
  keyParams,
  keysPage,
  patientPage,
  rowsOfKeys,
  type AccessFilter,
  type AccessRow,
  type Counted,
  type FacetRow,
  type HistogramColumn,
  type Hour,
  type Key
} from '../query/access.ts';
import { aroundKeys, aroundPatients, type Around } from '../query/witnesses.ts';
import { boundNow, boundParams, within, type Bound } from './bound.ts';
import { anyFacet, matches, newestFirst } from './match.ts';

/** A row's place in the order of lists, newest first: the cursor of a page. */
export type Place = Pick<Key, 'occurred_at' | 'collector' | 'seq' | 'sub'>;
type Filter = Omit<AccessFilter, 'from' | 'to'>;

/** Where counts of this filter are read from. */
export function originOf(filter: Filter, window: Pick<Window, 'exact'>): Origin {
  if (filter.patients.length > 0) return 'patient';
  if (filter.actors.length > 0) return 'actor';
  if (filter.study !== '') return 'study';
  return window.exact ? 'facts' : 'rollup';
}

const counted = (filter: Filter, { from, to, daysFrom, daysTo }: Window): Counted => ({ ...filter, from, to, daysFrom, daysTo }); // prettier-ignore

/**
 * Values of every facet with their counts: each facet under the choices of all the others, so that what else may be chosen in
 * it is seen. Values that are chosen and have no events are told with 0.
 */
export async function facetsOf(
  client: ClickHouseClient,
  filter: Filter,
  window: Window
): Promise<FacetRow[]> {
  const active = facetNames.filter((facet) => filter[facet].length > 0);
  const question = active.length > 0 ? accessFacetsChosen : accessFacets;
  const told = await question[originOf(filter, window)].ask(client, counted(filter, window));
  const missing = active.flatMap((facet) =>
    filter[facet]
      .map(String)
      .filter((value) => !told.some((one) => one.facet === facet && one.value === value))
      .map((value) => ({ facet, value, events: 0 }))
  );
  return [...told, ...missing];
}

/** Counts by day of a window that is counted from the rollups: asked for once, for the histogram and for where a page lies. */
export function daysOf(
  client: ClickHouseClient,
  filter: Filter,
  window: Window
): Promise<HistogramColumn[]> | undefined {
  // prettier-ignore
  if (originOf(filter, window) !== 'rollup' || window.to.getTime() - window.from.getTime() <= fewDaysMs)
    return undefined;
  return accessHistogram.rollup.ask(client, { ...counted(filter, window), step: 86_400 });
}

/**
 * Events by column of the window's step. Columns narrower than a day are counted by the hour throughout.
 * @param days of `daysOf`, when they are asked for anyway
 */
export async function histogramOf(
  client: ClickHouseClient,
  filter: Filter,
  window: Window,
  days?: Promise<HistogramColumn[]>
): Promise<HistogramColumn[]> {
  // prettier-ignore
  const { step, to } = window;
  if (step >= 86_400 && days) return inColumns(await days, columnStarts(window));
  const hours = step < 86_400 ? { daysFrom: to, daysTo: to } : {};
  return accessHistogram[originOf(filter, window)].ask(client, {
    ...counted(filter, window),
    ...hours,
    step
  });
}

/** Days summed into the columns they lie in. Pure. */
function inColumns(days: readonly HistogramColumn[], starts: readonly Date[]): HistogramColumn[] {
  const columns = new Map<Date, HistogramColumn>();
  for (const { at, events, failures } of days) {
    const start = starts.findLast((one) => one <= at) ?? at;
    const sum = columns.get(start);
    columns.set(start, { at: start, events: events + (sum?.events ?? 0), failures: failures + (sum?.failures ?? 0) }); // prettier-ignore
  }
  return [...columns.values()];
}

/** Rows of a page, whether more follow, and how far its list goes. */
export interface Page {
  readonly rows: readonly AccessRow[];
  readonly more: boolean;
  readonly bound: Bound;
}

/**
 * A page of rows, newest first; the first page of a list when no cursor says where it begins and how far the list goes.
 * @param days of `daysOf`
 */
export async function pageOf(
  client: ClickHouseClient,
  filter: Filter,
  window: Window,
  begin: Partial<Cursor> | undefined,
  size: number,
  days?: Promise<HistogramColumn[]>
): Promise<Page> {
  const before = begin?.place;
  const at = before && before.occurred_at < window.to ? before : { occurred_at: window.to, collector: '', seq: 0, sub: 0 }; // prettier-ignore
  const [bound, byDay] = await Promise.all([
    begin?.bound ?? boundNow(client, filter),
    days ?? daysOf(client, filter, window)
  ]);
  const page = {
    ...filter,
    ...boundParams(bound),
    from: window.from,
    to: new Date(at.occurred_at.getTime() + 1),
    beforeAt: at.occurred_at,
    beforeCollector: at.collector,
    beforeSeq: at.seq,
    beforeSub: at.sub,
    limit: size + 1
  };
  const rows = await pageRows(client, page, window, byDay);
  return { rows: rows.slice(0, size), more: rows.length > size, bound };
}

type Asked = Parameters<typeof factsPage.ask>[1];

async function pageRows(
  client: ClickHouseClient,
  page: Asked,
  window: Window,
  days: readonly HistogramColumn[] | undefined
): Promise<AccessRow[]> {
  // prettier-ignore
  const origin = originOf(page, window);
  if (origin === 'patient') return patientPage.ask(client, page);
  if (origin === 'actor') return actorPage.ask(client, page);
  if (origin === 'study') {
    const rows = await rowsAt(client, page, await keysPage.study.ask(client, page));
    // A study's key is a hash: the row itself says whether it is of that study.
    return rows.filter((row) => row.studies.includes(page.study) || row.accessions.includes(page.study));
  }
  // Days count what lies beyond the list's bound too: where that left a page short, more of them are read.
  for (let wanted = page.limit; ; wanted *= 8) {
    const from = days ? narrowedFrom(page, window, days, wanted) : window.from;
    const wide = page.to.getTime() - from.getTime() > fewDaysMs;
    const { rows, whole } = wide && days ? await rareRows(client, { ...page, from }, wanted) : { rows: await factsPage.ask(client, { ...page, from }), whole: true }; // prettier-ignore
    if (rows.length >= page.limit || (whole && from <= window.from)) return rows;
  }
}

/** A page of rows that lie over more than some days: the hourly counts tell in which parts of the facts. */
async function rareRows(
  client: ClickHouseClient,
  page: Asked,
  wanted: number
): Promise<{ rows: AccessRow[]; whole: boolean }> {
  const hours = await hoursOf.ask(client, { ...page, from: startOfHour(page.from), limit: wanted + 1 });
  const holds = hoursHolding(page, hours, wanted);
  const cells = holds.flatMap(({ at, cells }) => cells.map(([site, code]) => ({ site, code, at })));
  const rows = cells.length === 0 ? [] : await cellsPage.ask(client, {
    ...page,
    cellSites: cells.map(({ site }) => site),
    cellCodes: cells.map(({ code }) => code),
    cellHours: cells.map(({ at }) => at.getTime() / 1000)
  }); // prettier-ignore
  return { rows, whole: holds.length === hours.length && hours.length <= wanted };
}

const startOfHour = (at: Date) => new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);

/** The newest hours that hold so many rows; what lies on the cursor's own hour may lie after the cursor. Pure. */
function hoursHolding(page: Asked, hours: readonly Hour[], wanted: number): Hour[] {
  let found = 0;
  const end = hours.findIndex(({ at, events }) => {
    if (at.getTime() + 3_600_000 <= page.beforeAt.getTime()) found += events;
    return found >= wanted;
  });
  return hours.slice(0, end < 0 ? hours.length : end + 1);
}

/** Days of a window that are read at once, without looking where rows lie. */
const fewDaysMs = 2 * 86_400_000;

/**
 * The moment from which the facts hold so many rows of a page: day by day backwards by the daily counts, so that a list over a year reads one
 * day. What lies on the cursor's own day may lie after the cursor, so that day counts for nothing. Pure.
 */
function narrowedFrom(page: Asked, window: Window, days: readonly HistogramColumn[], wanted: number): Date {
  let found = 0;
  for (const { at, events } of days.toReversed()) {
    if (at >= page.beforeAt) continue;
    if (at.getTime() + 26 * 3_600_000 < page.beforeAt.getTime() || page.beforeCollector === '') found += events; // prettier-ignore
    if (found >= wanted) return at > window.from ? at : window.from;
  }
  return window.from;
}

async function rowsAt(
  client: ClickHouseClient,
  { scope, lane }: Pick<Filter, 'scope' | 'lane'>,
  keys: readonly Key[]
): Promise<AccessRow[]> {
  // prettier-ignore
  if (keys.length === 0) return [];
  const wanted = new Set(keys.map(keyText));
  const rows = await rowsOfKeys.ask(client, { scope, lane, ...keyParams(keys) });
  return rows.filter((row) => wanted.has(keyText(row)));
}

const keyText = ({ collector, seq, sub }: Pick<Key, 'collector' | 'seq' | 'sub'>) =>
  `${collector}-${seq}-${sub}`;

/** One act of a page: the message it is shown by, and all that tell it, oldest first. */
export interface ShownAct {
  readonly row: AccessRow;
  readonly witnesses: readonly AccessRow[];
}

/** Messages around a page that may tell its acts, at most. */
const mostAround = 3000;

/**
 * The acts of a page, newest first. Messages that tell the same act are looked for around the page, whatever its filters; an act
 * stands on the page that holds its newest message of the filter within the list's bound, so that it is shown once.
 */
export async function actsOf(
  client: ClickHouseClient,
  filter: Filter,
  window: Window,
  page: Page
): Promise<ShownAct[]> {
  // prettier-ignore
  const [newest, oldest] = [page.rows.at(0), page.rows.at(-1)];
  if (!newest || !oldest) return [];
  const around = await messagesAround(client, filter, page);
  const shown = new Map(page.rows.map((row) => [row.id, row]));
  const all = [...shown.values(), ...around.filter(({ id }) => !shown.has(id))];
  return acts(all)
    .flatMap((act) => {
      const leader = act
        .filter((row) => shown.has(row.id) || (within(page.bound, row) && matches(row, filter, window)))
        .toSorted(newestFirst)[0];
      return leader && shown.has(leader.id) ? [{ leader, act }] : [];
    })
    .toSorted((a, b) => newestFirst(a.leader, b.leader))
    .map(({ act }) => ({ row: spokesman(act), witnesses: act }));
}

/** The messages that tell the same act as one row, that row among them, oldest first. */
export async function witnessesOf(
  client: ClickHouseClient,
  scope: readonly string[],
  lane: string,
  row: AccessRow
): Promise<readonly AccessRow[]> {
  // prettier-ignore
  const around = await messagesAround(client, { ...anyFacet, scope, lane, codes: [], patients: [], actors: [], study: '' }, { rows: [row], more: false, bound: [] }); // prettier-ignore
  const all = [row, ...around.filter(({ id }) => id !== row.id)];
  return acts(all).find((act) => act.some(({ id }) => id === row.id)) ?? [row];
}

/** Rows by month: what lies around them is looked for in the partitions of that time alone. */
function byMonth(rows: readonly AccessRow[]): AccessRow[][] {
  const months = new Map<string, AccessRow[]>();
  for (const row of rows) {
    const month = row.occurred_at.toISOString().slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), row]);
  }
  return [...months.values()];
}

async function messagesAround(
  client: ClickHouseClient,
  filter: Filter,
  { rows }: Page
): Promise<AccessRow[]> {
  const { scope, lane, patients, actors } = filter;
  // A patient's narrow table knows a study by its key alone, so its rows are compared with each other. They lie together.
  if (patients.length > 0) {
    const { from, to } = aboutRows(filter, rows);
    return patientPage.ask(client, { ...filter, ...anyFacet, ...boundParams([]), from, to, beforeAt: to, beforeCollector: '', beforeSeq: 0, beforeSub: 0, limit: mostAround }); // prettier-ignore
  }
  const months = byMonth(rows).map((some) => aboutRows({ scope, lane }, some));
  const each = <T>(ask: (about: Around) => Promise<T[]>) => Promise.all(months.map(ask));
  if (actors.length > 0) {
    const found = await each((about) => aroundPatients.ask(client, about));
    return [...new Map(found.flat().map((row) => [row.id, row])).values()];
  }
  const found = await each((about) => aroundKeys.ask(client, about));
  // Most of what lies around a page is the page itself.
  const known = new Set(rows.map(keyText));
  const keys = new Map(found.flat().map((key) => [keyText(key), key]));
  return rowsAt(client, filter, [...keys.values()].filter((key) => !known.has(keyText(key)))); // prettier-ignore
}

function aboutRows({ scope, lane }: Pick<Filter, 'scope' | 'lane'>, rows: readonly AccessRow[]): Around {
  const times = rows.map(({ occurred_at }) => occurred_at.getTime());
  // Twice the longest window: a witness may itself be nearer to another act.
  const reach = 2 * longestWindowMs;
  return {
    scope,
    lane,
    from: new Date(Math.min(...times) - reach),
    to: new Date(Math.max(...times) + reach),
    studies: [...new Set(rows.flatMap(({ studies, accessions }) => [...studies, ...accessions]))],
    patients: [...new Set(rows.flatMap(({ patients }) => patients))],
    times,
    reach,
    limit: mostAround
  };
}
