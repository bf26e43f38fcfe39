import type { ShownPanel, ShownRow } from './shown.ts';

/** Names of the page's own choices, which a link keeps. */
const kept = ['period', 'from', 'to', 'compare', 'site'];

/**
 * Address of the rows behind a row of a panel, a number of it, or the whole panel; undefined when the reader may not see them.
 * @param search the page's present parameters
 * @param system the system the page is about
 * @param narrowed what narrows the rows besides: a column's own
 */
export function rowsHref(
  board: string,
  panel: Pick<ShownPanel, 'id' | 'drill'>,
  search: Pick<URLSearchParams, 'getAll'>,
  row?: ShownRow,
  system?: string,
  narrowed: Readonly<Record<string, string>> = {}
): string | undefined {
  if (panel.drill === undefined) return undefined;
  const params = new URLSearchParams();
  for (const name of kept) for (const value of search.getAll(name)) params.append(name, value);
  if (system !== undefined) params.set('system', system);
  if (row !== undefined)
    for (const name of panel.drill) {
      const value = narrowed[name] ?? row[name];
      if (value !== null && value !== undefined) params.set(`by.${name}`, String(value));
    }
  return `/rows/${board}/${panel.id}${params.size > 0 ? `?${params}` : ''}`;
}
