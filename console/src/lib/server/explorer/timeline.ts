import type { ClickHouseClient } from '@vigie/store';
import { dayOf } from '#lib/explorer/days.ts';
import { acts, spokesman } from '#lib/explorer/same-acts.ts';
import type { Window } from '#lib/explorer/window.ts';
import { accessHistogram, patientPage, type AccessFilter, type AccessRow } from '../query/access.ts';
import { newestFirst } from './match.ts';
import { boundNow, boundParams, type Bound } from './bound.ts';
import type { Cursor } from './cursor.ts';
import { originOf } from './counts.ts';
import { pageOf } from './page.ts';
import { actsOf, type ShownAct } from './shown-acts.ts';

/** One subject's life over a window: how much on each day, and one page of acts. */
export interface Timeline {
  readonly days: ReadonlyMap<string, number>;
  readonly messages: number;
  /** Acts of the whole window; undefined when it holds more messages than are read at once. */
  readonly acts: number | undefined;
  readonly page: readonly ShownAct[];
  readonly last: AccessRow | undefined;
  readonly more: boolean;
  /** How far its list goes. */
  readonly bound: Bound;
}

/** Messages of a patient read in one query, with which days, counts and acts are all told; a year of most patients. */
const atOnce = 1000;

/**
 * The timeline of one patient, user or study.
 * @param shown the part whose acts are listed: the window itself, or one day of it
 */
export async function timelineOf(
  client: ClickHouseClient,
  filter: Omit<AccessFilter, 'from' | 'to'>,
  window: Window,
  shown: Window,
  cursor: Cursor | undefined,
  size: number
): Promise<Timeline> {
  const boundRead = cursor?.bound ?? boundNow(client, filter);
  if (filter.patients.length > 0) {
    const bound = await boundRead;
    const rows = await patientRows(client, filter, window, bound);
    if (rows.length <= atOnce) return { ...ofAll(rows, shown, cursor, size), bound };
  }
  const origin = originOf(filter, window);
  const [columns, page] = await Promise.all([
    accessHistogram[origin].ask(client, { ...filter, from: window.from, to: window.to, daysFrom: window.to, daysTo: window.to, step: 86_400 }), // prettier-ignore
    Promise.resolve(boundRead).then((bound) => pageOf(client, filter, shown, { ...cursor, bound }, size))
  ]);
  return {
    days: new Map(columns.map(({ at, events }) => [dayOf(at), events])),
    messages: columns.reduce((sum, { events }) => sum + events, 0),
    acts: undefined,
    page: await actsOf(client, filter, shown, page),
    last: page.rows.at(-1),
    more: page.more,
    bound: page.bound
  };
}

const patientRows = (client: ClickHouseClient, filter: Omit<AccessFilter, 'from' | 'to'>, { from, to }: Window, bound: Bound) =>
  patientPage.ask(client, { ...filter, ...boundParams(bound), from, to, beforeAt: to, beforeCollector: '', beforeSeq: 0, beforeSub: 0, limit: atOnce + 1 }); // prettier-ignore

/** Everything from the rows themselves: an act stands where its newest message does. Pure. */
function ofAll(
  rows: readonly AccessRow[],
  shown: Window,
  cursor: Cursor | undefined,
  size: number
): Omit<Timeline, 'bound'> {
  const before = cursor?.place;
  const days = new Map<string, number>();
  for (const { occurred_at } of rows) days.set(dayOf(occurred_at), (days.get(dayOf(occurred_at)) ?? 0) + 1);
  const all = acts(rows)
    .map((act) => ({ newest: act.toSorted(newestFirst)[0] ?? act[0], row: spokesman(act), witnesses: act }))
    .toSorted((a, b) => newestFirst(a.newest, b.newest));
  const inside = all.filter(({ newest }) => newest.occurred_at >= shown.from && newest.occurred_at < shown.to && (!before || newestFirst(newest, before) > 0)); // prettier-ignore
  const page = inside.slice(0, size);
  return {
    days,
    messages: rows.length,
    acts: all.length,
    page,
    last: page.at(-1)?.newest,
    more: inside.length > size
  };
}
