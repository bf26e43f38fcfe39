import type { ClickHouseClient } from '@vigie/store';
import type { Window } from '#lib/explorer/window.ts';
import {
  actorPage,
  cellsPage,
  factsPage,
  hoursOf,
  keyParams,
  keysPage,
  patientPage,
  rowsOfKeys,
  type AccessRow,
  type HistogramColumn,
  type Hour,
  type Key
} from '../query/access.ts';
import { boundNow, boundParams, type Bound } from './bound.ts';
import { daysOf, fewDaysMs, originOf, type Filter } from './counts.ts';
import type { Cursor } from './cursor.ts';

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

/** Whole rows of keys. */
export async function rowsAt(
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

export const keyText = ({ collector, seq, sub }: Pick<Key, 'collector' | 'seq' | 'sub'>) =>
  `${collector}-${seq}-${sub}`;
