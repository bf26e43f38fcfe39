import type { ClickHouseClient } from '@vigie/store';
import { acts, longestWindowMs, spokesman } from '#lib/explorer/same-acts.ts';
import type { Window } from '#lib/explorer/window.ts';
import { patientPage, type AccessRow } from '../query/access.ts';
import { aroundKeys, aroundPatients, type Around } from '../query/witnesses.ts';
import { boundParams, within } from './bound.ts';
import type { Filter } from './counts.ts';
import { anyFacet, matches, newestFirst } from './match.ts';
import { keyText, rowsAt, type Page } from './page.ts';

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
