import type { ClickHouseClient } from '@vigie/store';
import { facetNames } from '#lib/explorer/facets.ts';
import { columnStarts, type Window } from '#lib/explorer/window.ts';
import type { Origin } from '../query/access-sql.ts';
import {
  accessFacets,
  accessHistogram,
  type AccessFilter,
  type Counted,
  type FacetRow,
  type HistogramColumn
} from '../query/access.ts';

/** Days of a window that are read at once, without looking where rows lie. */
export const fewDaysMs = 2 * 86_400_000;

/** What a list or a count is narrowed by, its window apart. */
export type Filter = Omit<AccessFilter, 'from' | 'to'>;

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
  const told = await accessFacets[originOf(filter, window)].ask(client, counted(filter, window));
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
