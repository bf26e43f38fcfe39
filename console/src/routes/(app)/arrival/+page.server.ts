import { boardPage, boardPeriods } from '#lib/server/board/page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => boardPage(event, 'arrival', boardPeriods['arrival'] ?? '24h');
