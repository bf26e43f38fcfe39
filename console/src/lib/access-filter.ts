/** Facets of the access page, as their names in the URL. */
export const facetNames = ['event', 'site', 'source', 'action', 'outcome', 'role', 'emergency'] as const;
export type FacetName = (typeof facetNames)[number];

/** The URL with one value of a facet switched on or off; paging starts again. */
export function toggled(search: { toString(): string }, facet: FacetName, value: string): string {
  const params = new URLSearchParams(String(search));
  for (const name of ['before', 'lang']) params.delete(name);
  if (params.has(facet, value)) params.delete(facet, value);
  else params.append(facet, value);
  return `?${params}`;
}
