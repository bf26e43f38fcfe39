import { readerOf } from '#lib/server/access/guard.ts';
import { pagesOf } from '#lib/server/access/pages.ts';
import { migrationsOf, sitesGoingLive } from '#lib/server/going-live.ts';
import { systemNames } from '#lib/server/names.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  const reader = readerOf(locals, 'going-live');
  const now = new Date();
  const [joining, migrations] = await Promise.all([sitesGoingLive(reader, now), migrationsOf(reader, now)]);
  const mine = pagesOf(reader.role);
  return {
    ownPeriod: true,
    joining: joining.map(({ measures: _, ...site }) => site),
    migrations,
    systemNames: systemNames(reader),
    opens: {
      traffic: mine.includes('traffic'),
      activity: mine.includes('activity'),
      sla: mine.includes('sla')
    }
  };
};
