import { error } from '@sveltejs/kit';
import { readCompare, readPeriod, type Preset } from '#lib/period.ts';
import type { ShownBoard } from '#lib/board/shown.ts';
import { readerOf } from '../access/guard.ts';
import type { Page } from '../access/pages.ts';
import { context } from '../context.ts';
import { boardById } from './boards.ts';
import { runBoard, type BoardRun } from './run.ts';

/** What the load function of a page is given, as far as a board needs it. */
export interface PageEvent {
  readonly locals: App.Locals;
  readonly url: URL;
  readonly request: Request;
}

/** How a request runs a board: its reader, period, sites and clock. */
export function runOf(event: PageEvent, page: Page, fallback: Preset): BoardRun {
  const reader = readerOf(event.locals, page);
  const { client, config, log } = context();
  const now = new Date();
  const { requestId, language } = event.locals;
  return {
    client,
    reader,
    language,
    now,
    requestId,
    config: config.group,
    period: readPeriod(event.url.searchParams, now, fallback),
    compare: readCompare(event.url.searchParams),
    sites: event.url.searchParams.getAll('site'),
    signal: event.request.signal,
    report: (panel, failure) =>
      log.error(
        { id: requestId, panel, error: failure instanceof Error ? failure.message : String(failure) },
        'a panel failed'
      )
  };
}

/** Data of a report's page. Refuses readers the page or the board is not for. */
export async function boardPage(
  event: PageEvent,
  page: Page,
  fallback: Preset
): Promise<{ board: ShownBoard; period: { from: string; to: string }; defaultPeriod: Preset }> {
  const board = boardById(page);
  if (board === undefined) error(404, { message: 'not-found' });
  const run = runOf(event, page, fallback);
  if (!board.roles.includes(run.reader.role))
    error(403, { message: 'forbidden', forbidden: { page, roles: board.roles } });
  return {
    board: await runBoard(board, run),
    period: { from: run.period.from.toISOString(), to: run.period.to.toISOString() },
    defaultPeriod: fallback
  };
}

/** Period each report opens with. */
export const boardPeriods: Readonly<Record<string, Preset>> = {
  activity: '30d',
  turnaround: '30d',
  capacity: '30d',
  traffic: '24h',
  arrival: '30d',
  storage: 'month',
  sla: 'month',
  reports: 'last-month',
  systems: '24h'
};
