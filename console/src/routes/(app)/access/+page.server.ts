import { fail, redirect } from '@sveltejs/kit';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { may } from '#lib/server/access/pages.ts';
import { context } from '#lib/server/context.ts';
import { cursorOf, readCursor } from '#lib/server/explorer/cursor.ts';
import { addressOf, asked } from '#lib/server/explorer/filter.ts';
import { actsOf, facetsOf, histogramOf, pageOf } from '#lib/server/explorer/read.ts';
import { keepSought, SeekForm, soughtOf } from '#lib/server/explorer/seek.ts';
import { lineOf } from '#lib/server/explorer/visible.ts';
import { systemNames } from '#lib/server/names.ts';
import { logUsed } from '#lib/server/own-audit/own-audit.ts';
import { viewOf } from '#lib/server/query/window.ts';
import { windowOf } from '#lib/explorer/window.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = 50;

export const load: PageServerLoad = async ({ locals, url, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  const { client, ownAudit, config } = context();
  const view = viewOf(reader, url);
  const window = windowOf(view.from, view.to);
  const { filter, sought, expired } = asked(reader, url.searchParams);
  // Reading the log is itself logged, before anything is read (IHE ITI-20, Audit Log Used).
  const about = addressOf('/access', window, url.searchParams);
  await recordReading(ownAudit, logUsed(reader, getClientAddress(), { act: 'list', about }));
  const [page, facets, histogram] = await Promise.all([
    pageOf(client, filter, window, readCursor(url.searchParams.get('before')), pageSize),
    facetsOf(client, filter, window),
    histogramOf(client, filter, window)
  ]);
  const acts = await actsOf(client, filter, window, page);
  const last = page.rows.at(-1);
  return {
    lines: acts.map((act) => lineOf(reader, act)),
    messages: page.rows.length,
    next: page.more && last ? cursorOf(last) : undefined,
    total: histogram.reduce((sum, one) => sum + one.events, 0),
    facets,
    histogram,
    step: window.step,
    from: window.from,
    to: window.to,
    sought: sought?.kind,
    expired,
    sees: { pseudonyms: may(reader.role, 'see-pseudonyms'), search: may(reader.role, 'search-patient') },
    systems: systemNames(),
    // What a reader does not see is said, so that an absence is not taken for calm.
    hidden: config.group.establishments.filter(({ id }) => !reader.scope.includes(id)).map(({ name }) => name)
  };
};

export const actions: Actions = {
  seek: async ({ request, locals, url, getClientAddress }) => {
    const reader = readerOf(locals, 'access');
    mustHave(reader, 'access', 'search-patient');
    const parsed = SeekForm.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'form' as const });
    let id: string;
    try {
      id = await keepSought(reader, getClientAddress(), soughtOf(parsed.data));
    } catch {
      return fail(503, { fault: 'not-audited' as const });
    }
    const params = new URLSearchParams(url.searchParams);
    for (const name of ['before', '/seek', 'lang']) params.delete(name);
    params.set('search', id);
    if (!params.has('period') && !params.has('from')) params.set('period', '12m');
    redirect(303, `/access?${params}`);
  }
};
