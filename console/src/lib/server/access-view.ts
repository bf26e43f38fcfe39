import { pseudonym, userIdentifier } from '@vigie/schemas/pseudonym';
import { facetNames } from '#lib/access-filter.ts';
import { logPart, may } from './access/pages.ts';
import type { Reader } from './access/reader.ts';
import { context } from './context.ts';
import type { AccessFilter, AccessRow } from './query/access.ts';
import type { View } from './query/window.ts';

/** Filters of the access page as the URL tells them; persons and patients only for those who may see pseudonyms. */
export function accessFilter(
  reader: Reader,
  view: View,
  url: URL
): AccessFilter & { readonly expired: boolean } {
  const { searches, config } = context();
  const all = (name: string) => url.searchParams.getAll(name).slice(0, 50);
  const numbers = (name: string) => all(name).map(Number).filter((value) => Number.isInteger(value) && value >= 0 && value <= 255); // prettier-ignore
  const user = may(reader.role, 'see-pseudonyms') ? (url.searchParams.get('user') ?? '').trim() : '';
  const search = may(reader.role, 'search-patient') ? url.searchParams.get('search') : null;
  const patients = search === null ? [] : searches.find(search, reader.login, Date.now());
  return {
    scope: view.scope,
    sites: view.sites,
    ...logPart(reader.role),
    from: view.from,
    to: view.to,
    event: all('event'),
    source: all('source'),
    action: all('action'),
    outcome: numbers('outcome'),
    role: all('role'),
    emergency: numbers('emergency'),
    // A pseudonym as shown on a page, or a login, whose pseudonym is computed.
    actor:
      user === ''
        ? ''
        : /^[0-9a-f]{32}$/.test(user)
          ? user
          : pseudonym(config.pseudonymKey(), userIdentifier(user)).toString('hex'),
    // A study names one patient's exam: asking by it is for those who may follow a patient.
    study: may(reader.role, 'see-pseudonyms')
      ? (url.searchParams.get('study') ?? '').trim().slice(0, 64)
      : '',
    // A search that is gone must not show everything: no pseudonym is 32 zeros.
    patients: patients ?? ['0'.repeat(32)],
    expired: patients === undefined
  };
}

/** What is asked, for the log of readings: the page's address with its exact window, persons as pseudonyms. */
export function addressOf(filter: AccessFilter, url: URL): string {
  const params = new URLSearchParams({ from: filter.from.toISOString(), to: filter.to.toISOString() });
  for (const name of [...facetNames, 'search', 'before'])
    for (const value of url.searchParams.getAll(name).slice(0, 50)) params.append(name, value.slice(0, 100));
  if (filter.actor) params.set('user', filter.actor);
  if (filter.study) params.set('study', filter.study);
  return `/access?${params}`;
}

/** What a reader may see of a row: the DSI reads acts, systems and roles, never persons or patients. */
export function visibleRow(reader: Reader, row: AccessRow): AccessRow {
  if (may(reader.role, 'see-pseudonyms')) return row;
  const person = row.actor_kind === 'person';
  return {
    ...row,
    actor_id: person ? '' : row.actor_id,
    patients: [],
    studies: [],
    accessions: [],
    access_point: person ? '' : row.access_point
  };
}

/** Width of a histogram column, seconds: about 100 columns, on round steps. */
export function histogramStep(from: Date, to: Date): number {
  const steps = [900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800];
  const wanted = (to.getTime() - from.getTime()) / 1000 / 110;
  return steps.find((step) => step >= wanted) ?? 604_800;
}

export const hasFilter = (url: URL): boolean =>
  [...facetNames, 'user', 'study', 'search'].some((name) => name !== 'site' && url.searchParams.has(name));
