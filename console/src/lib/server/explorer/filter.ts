import { facetNames, type FacetName } from '#lib/explorer/facets.ts';
import type { Sought } from '#lib/explorer/sought.ts';
import { logPart, may } from '../access/pages.ts';
import type { Reader } from '../access/reader.ts';
import { context } from '../context.ts';
import type { AccessFilter } from '../query/access.ts';

/** What a reader asks of the log: filters from the address, and whom or what it is about from a search kept under its id. */
export interface Asked {
  readonly filter: Omit<AccessFilter, 'from' | 'to'>;
  readonly sought: Sought | undefined;
  /** The address names a search that is gone, or another account's. */
  readonly expired: boolean;
}

/** No pseudonym is 32 zeros: a search that is gone must show nothing, never everything. */
const nobody: Sought = { kind: 'patient', patients: ['0'.repeat(32)], actors: [], study: '' };

/** Reads facets and search of an address, for those who may see whom the log is about. */
export function asked(reader: Reader, search: URLSearchParams): Asked {
  const id = may(reader.role, 'see-pseudonyms') ? search.get('search') : null;
  const found = id === null ? undefined : context().searches.find(id, reader.login, Date.now());
  const expired = id !== null && found === undefined;
  const about = expired ? nobody : found;
  return {
    filter: { ...facetFilter(search), ...logPart(reader.role), scope: reader.scope, ...aboutFilter(about) },
    sought: found,
    expired
  };
}

const aboutFilter = (sought: Sought | undefined) => ({
  patients: sought?.patients ?? [],
  actors: sought?.actors ?? [],
  study: sought?.study ?? ''
});

/** The chosen values of each facet. A number that is none chooses nothing. */
function facetFilter(search: URLSearchParams) {
  const all = (name: FacetName) => search.getAll(name).slice(0, 50).map((value) => value.slice(0, 200)); // prettier-ignore
  const numbers = (name: FacetName) => all(name).filter((value) => /^\d{1,3}$/.test(value)).map(Number).filter((value) => value <= 255); // prettier-ignore
  return {
    event: all('event'),
    site: all('site'),
    source: all('source'),
    action: all('action'),
    role: all('role'),
    modality: all('modality'),
    outcome: numbers('outcome'),
    emergency: numbers('emergency')
  };
}

/** What is asked, for the log of readings: the page's address with its exact window. Searches are told by their opaque id. */
export function addressOf(
  path: string,
  window: { readonly from: Date; readonly to: Date },
  search: URLSearchParams
): string {
  // prettier-ignore
  const params = new URLSearchParams({ from: window.from.toISOString(), to: window.to.toISOString() });
  for (const name of [...facetNames, 'search', 'before', 'format'])
    for (const value of search.getAll(name).slice(0, 50)) params.append(name, value.slice(0, 100));
  return `${path}?${params}`;
}
