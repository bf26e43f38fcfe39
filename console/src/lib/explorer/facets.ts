/** Facets of the explorer, as their names in the address, in the order they are shown. */
export const facetNames = [
  'event',
  'site',
  'source',
  'role',
  'modality',
  'action',
  'outcome',
  'emergency'
] as const;
export type FacetName = (typeof facetNames)[number];

/** What an address holds beside filters: it goes when a filter changes. */
const passing = ['before', 'lang', 'day'];

/** The address with names dropped; paging starts again. Pure. */
export function without(search: { toString(): string }, ...names: string[]): string {
  const params = new URLSearchParams(String(search));
  for (const name of [...names, ...passing]) params.delete(name);
  return `?${params}`;
}

/** The address with one value of a facet switched on or off; paging starts again. Pure. */
export function toggled(search: { toString(): string }, facet: FacetName, value: string): string {
  const params = new URLSearchParams(String(search));
  for (const name of passing) params.delete(name);
  if (params.has(facet, value)) params.delete(facet, value);
  else params.append(facet, value);
  return `?${params}`;
}

/** The address with the window narrowed to from ≤ t < to. Pure. */
export function narrowed(search: { toString(): string }, from: Date, to: Date): string {
  const params = new URLSearchParams(String(search));
  for (const name of [...passing, 'period']) params.delete(name);
  params.set('from', from.toISOString());
  params.set('to', to.toISOString());
  return `?${params}`;
}

/** Chosen values, in the order of the facets. Pure. */
export function chosen(search: Pick<URLSearchParams, 'getAll'>): { facet: FacetName; value: string }[] {
  return facetNames.flatMap((facet) =>
    [...new Set(search.getAll(facet))].slice(0, 50).map((value) => ({ facet, value }))
  );
}
