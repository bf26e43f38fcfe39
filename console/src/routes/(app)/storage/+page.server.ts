import { boardPage, boardPeriods } from '#lib/server/board/page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => boardPage(event, 'storage', boardPeriods['storage'] ?? '24h');
