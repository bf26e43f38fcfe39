import { boardPeriods } from '#lib/server/board/page.ts';
import { rowsPage } from '#lib/server/board/rows.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => ({
  rows: await rowsPage(event, event.params.board, event.params.panel),
  defaultPeriod: boardPeriods[event.params.board] ?? '24h'
});
