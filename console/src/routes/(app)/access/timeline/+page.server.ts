import { error } from '@sveltejs/kit';
import { windowOfDay } from '#lib/explorer/days.ts';
import { windowOf } from '#lib/explorer/window.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { cursorOf, readCursor } from '#lib/server/explorer/cursor.ts';
import { addressOf, asked } from '#lib/server/explorer/filter.ts';
import { timelineOf } from '#lib/server/explorer/timeline.ts';
import { lineOf } from '#lib/server/explorer/visible.ts';
import { systemNames } from '#lib/server/names.ts';
import { logUsed } from '#lib/server/own-audit/own-audit.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { PageServerLoad } from './$types';

const pageSize = 50;

export const load: PageServerLoad = async ({ locals, url, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'see-pseudonyms');
  const { client, ownAudit } = context();
  const view = viewOf(reader, url, '12m');
  const window = windowOf(view.from, view.to);
  const { filter, sought, expired } = asked(reader, url.searchParams);
  if (!sought && !expired) error(404, { message: 'not-found' });
  const about = addressOf('/access/timeline', window, url.searchParams);
  await recordReading(ownAudit, logUsed(reader, getClientAddress(), { act: 'list', about }));
  const day = windowOfDay(url.searchParams.get('day') ?? '');
  const shown = day ? { ...window, ...day } : window;
  const cursor = readCursor(url.searchParams.get('before'));
  const timeline = await timelineOf(client, filter, window, shown, cursor, pageSize);
  return {
    kind: sought?.kind,
    expired,
    days: timeline.days,
    messages: timeline.messages,
    acts: timeline.acts,
    lines: timeline.page.map((act) => lineOf(reader, act)),
    next: timeline.more && timeline.last ? cursorOf(timeline.last, timeline.bound) : undefined,
    from: window.from,
    to: window.to,
    systems: systemNames(reader),
    defaultPeriod: '12m' as const
  };
};
