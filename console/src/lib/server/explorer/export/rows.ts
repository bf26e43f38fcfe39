import type { ClickHouseClient } from '@vigie/store';
import type { Window } from '#lib/explorer/window.ts';
import { keyParams, keysPage, type AccessFilter, type Key } from '../../query/access.ts';
import { exportPage, exportRowsOfKeys, type ExportRow } from '../../query/export-rows.ts';
import { accessHistogram } from '../../query/access.ts';
import { boundParams } from '../bound.ts';
import { originOf } from '../counts.ts';

type Filter = Omit<AccessFilter, 'from' | 'to'>;
/** Rows asked for at once: about 10 MB. */
const perPage = 5000;
/** Of one subject, whose rows lie apart, fewer. */
const perKeys = 1000;

/**
 * All rows of a filter, newest first, some thousands at a time: the next ones are asked for when these are taken, so that an
 * export of any size takes the memory of a page, and none of it waits for a slow reader in the engine.
 * @param receivedBefore what came later is not of this export
 */
export async function* exportRows(
  client: ClickHouseClient,
  filter: Filter,
  window: Window,
  receivedBefore: Date,
  signal: AbortSignal
): AsyncGenerator<ExportRow[]> {
  const origin = originOf(filter, window);
  if (origin === 'facts' || origin === 'rollup') {
    for (const { from, to } of await slices(client, filter, window, origin === 'facts'))
      yield* pages(perPage, to, signal, (before) => exportPage.ask(client, { ...filter, ...before, from, to, receivedBefore, limit: perPage }, signal)); // prettier-ignore
    return;
  }
  let before = start(window.to);
  for (;;) {
    signal.throwIfAborted();
    const keys = await keysPage[origin].ask(client, { ...filter, ...before, ...boundParams([]), from: window.from, to: window.to, limit: perKeys }, signal); // prettier-ignore
    const rows = await rowsAt(client, filter, keys, receivedBefore, signal);
    const ours = rows.filter((row) => filter.study === '' || row.studies.includes(filter.study) || row.accessions.includes(filter.study)); // prettier-ignore
    if (ours.length > 0) yield ours;
    const last = keys.at(-1);
    if (keys.length < perKeys || !last) return;
    before = after(last);
  }
}

type Before = { beforeAt: Date; beforeCollector: string; beforeSeq: number; beforeSub: number };
const start = (to: Date): Before => ({ beforeAt: to, beforeCollector: '', beforeSeq: 0, beforeSub: 0 });
const after = ({ occurred_at, collector, seq, sub }: Key): Before => ({ beforeAt: occurred_at, beforeCollector: collector, beforeSeq: seq, beforeSub: sub }); // prettier-ignore

async function* pages(
  size: number,
  to: Date,
  signal: AbortSignal,
  ask: (before: Before) => Promise<ExportRow[]>
): AsyncGenerator<ExportRow[]> {
  let before = start(to);
  for (;;) {
    signal.throwIfAborted();
    const rows = await ask(before);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (rows.length < size || !last) return;
    before = after(last);
  }
}

/** Days that hold rows, newest first: what is asked for at once lies in few granules. A short window is one slice. */
async function slices(
  client: ClickHouseClient,
  filter: Filter,
  window: Window,
  exact: boolean
): Promise<{ from: Date; to: Date }[]> {
  // prettier-ignore
  if (exact) return [{ from: window.from, to: window.to }];
  const { from, to, daysFrom, daysTo } = window;
  const days = await accessHistogram.rollup.ask(client, {
    ...filter,
    from,
    to,
    daysFrom,
    daysTo,
    step: 86_400
  });
  return days.toReversed().map(({ at }, n, list) => {
    // A day ends where the day before in this list began, 26 hours later at most.
    const next = list[n - 1]?.at ?? to;
    const end = Math.min(next.getTime(), at.getTime() + 26 * 3_600_000, to.getTime());
    return { from: at > from ? at : from, to: new Date(end) };
  });
}

async function rowsAt(
  client: ClickHouseClient,
  { scope, lane }: Filter,
  keys: readonly Key[],
  receivedBefore: Date,
  signal: AbortSignal
): Promise<ExportRow[]> {
  // prettier-ignore
  if (keys.length === 0) return [];
  const text = ({ collector, seq, sub }: Pick<Key, 'collector' | 'seq' | 'sub'>) =>
    `${collector}-${seq}-${sub}`;
  const wanted = new Set(keys.map(text));
  const rows = await exportRowsOfKeys.ask(
    client,
    { scope, lane, receivedBefore, ...keyParams(keys) },
    signal
  );
  return rows.filter((row) => wanted.has(text(row)));
}
