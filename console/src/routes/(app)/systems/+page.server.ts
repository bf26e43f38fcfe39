import { readerOf } from '#lib/server/access/guard.ts';
import { systemsOf } from '#lib/server/overview.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  const reader = readerOf(locals, 'systems');
  const now = new Date();
  const view = viewOf(reader, url, '24h', now);
  return { platform: await systemsOf(reader, view.sites, now), now, defaultPeriod: '24h' as const };
};
