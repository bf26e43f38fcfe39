import { error } from '@sveltejs/kit';
import type { Names, ShownColumn, ShownRow } from '#lib/board/shown.ts';
import { show } from '#lib/board/show.ts';
import { pages, type Page } from '../access/pages.ts';
import { boardById } from './boards.ts';
import { boardPeriods, runOf, type PageEvent } from './page.ts';
import { ask } from './run.ts';
import { namesOf, shownColumn } from './shown.ts';
import { windowOf } from './window.ts';

export interface RowsPage {
  readonly board: { readonly id: string; readonly title: string };
  readonly panel: { readonly id: string; readonly title: string };
  readonly window: { readonly from: string; readonly to: string };
  readonly filters: readonly { readonly label: string; readonly text: string }[];
  readonly columns: readonly ShownColumn[];
  readonly rows: readonly ShownRow[];
  readonly names: Names;
}

/** The base rows behind a panel, narrowed by the `by.*` parameters of the address, for those who may see them. */
export async function rowsPage(event: PageEvent, boardId: string, panelId: string): Promise<RowsPage> {
  const page = pages.find((one): one is Page => one === boardId);
  const board = boardById(boardId);
  const panel = board?.panels.find((one) => one.id === panelId);
  if (page === undefined || board === undefined || panel?.rows === undefined)
    error(404, { message: 'not-found' });
  const system = event.url.searchParams.get('system');
  const run = {
    ...runOf(event, page, boardPeriods[boardId] ?? '24h'),
    ...(system !== null && { system: system.slice(0, 63) })
  };
  const { roles, by, sql, columns } = panel.rows;
  if (!roles.includes(run.reader.role) || !(panel.roles ?? board.roles).includes(run.reader.role))
    error(403, { message: 'forbidden', forbidden: { page, roles } });
  const asked = Object.fromEntries(
    by.map((name) => [name, event.url.searchParams.get(`by.${name}`)?.slice(0, 200) ?? '*'])
  );
  const names = namesOf(run.config, run.language, run.reader);
  const window = windowOf(panel, run.period, run.now, run.config.organisation.timezone);
  const filters = by.flatMap((name) => {
    const column = [...panel.columns, ...columns].find((one) => one.name === name);
    const value = asked[name];
    if (column === undefined || column.hidden || value === undefined || value === '*') return [];
    return [
      { label: column.label[run.language], text: show(shownColumn(column, run.language), value, names) }
    ];
  });
  return {
    board: { id: board.id, title: board.title[run.language] },
    panel: { id: panel.id, title: panel.title[run.language] },
    window: { from: window.from.toISOString(), to: new Date(Math.min(+window.to, +run.now)).toISOString() },
    filters,
    columns: columns.map((column) => shownColumn(column, run.language)),
    rows: (await ask(board, panel, sql, asked, run)) as ShownRow[],
    names
  };
}
