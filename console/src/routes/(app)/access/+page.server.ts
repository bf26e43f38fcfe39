import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { facetNames } from '#lib/explorer/facets.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { may } from '#lib/server/access/pages.ts';
import { context } from '#lib/server/context.ts';
import { cursorOf, readCursor } from '#lib/server/explorer/cursor.ts';
import { addressOf, asked } from '#lib/server/explorer/filter.ts';
import { daysOf, facetsOf, histogramOf } from '#lib/server/explorer/counts.ts';
import { pageOf } from '#lib/server/explorer/page.ts';
import { actsOf } from '#lib/server/explorer/shown-acts.ts';
import { keepSought, SeekForm, soughtOf } from '#lib/server/explorer/seek.ts';
import { lineOf } from '#lib/server/explorer/visible.ts';
import { systemNames } from '#lib/server/names.ts';
import { logUsed } from '#lib/server/own-audit/own-audit.ts';
import { viewOf } from '#lib/server/query/window.ts';
import { windowOf } from '#lib/explorer/window.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = 50;

/** What of an address is kept with a search: window and facets. Whom it is about is kept apart, sealed. */
function filtersOf(search: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const name of ['period', 'from', 'to', ...facetNames])
    for (const value of search.getAll(name).slice(0, 50)) kept.append(name, value.slice(0, 200));
  return String(kept);
}

export const load: PageServerLoad = async ({ locals, url, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  const { client, ownAudit, config, searches } = context();
  const view = viewOf(reader, url);
  const window = windowOf(view.from, view.to);
  const { filter, sought, expired } = asked(reader, url.searchParams);
  // Reading the log is itself logged, before anything is read (IHE ITI-20, Audit Log Used).
  const about = addressOf('/access', window, url.searchParams);
  await recordReading(ownAudit, logUsed(reader, getClientAddress(), { act: 'list', about }));
  const days = daysOf(client, filter, window);
  const [page, facets, histogram] = await Promise.all([
    pageOf(client, filter, window, readCursor(url.searchParams.get('before')), pageSize, days),
    facetsOf(client, filter, window),
    histogramOf(client, filter, window, days)
  ]);
  const acts = await actsOf(client, filter, window, page);
  const last = page.rows.at(-1);
  return {
    lines: acts.map((act) => lineOf(reader, act)),
    messages: page.rows.length,
    next: page.more && last ? cursorOf(last, page.bound) : undefined,
    total: histogram.reduce((sum, one) => sum + one.events, 0),
    facets,
    histogram,
    step: window.step,
    from: window.from,
    to: window.to,
    sought: sought?.kind,
    expired,
    sees: { pseudonyms: may(reader.role, 'see-pseudonyms'), search: may(reader.role, 'search-patient') },
    saved: searches.list(reader.login).map(({ id, name }) => ({ id, name })),
    systems: systemNames(reader),
    // What a reader does not see is said, so that an absence is not taken for calm.
    hidden: config.group.establishments.filter(({ id }) => !reader.scope.includes(id)).map(({ name }) => name)
  };
};

const Named = z.object({ name: z.string().trim().min(1).max(80) });
const One = z.object({ id: z.string().max(40) });

export const actions: Actions = {
  save: async ({ request, locals, url }) => {
    const reader = readerOf(locals, 'access');
    const parsed = Named.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'save-rule' as const });
    const { sought } = asked(reader, url.searchParams);
    const id = context().searches.save(reader.login, parsed.data.name, filtersOf(url.searchParams), sought, Date.now()); // prettier-ignore
    return id === undefined ? fail(409, { fault: 'save-full' as const }) : { saved: id };
  },
  rename: async ({ request, locals }) => {
    const reader = readerOf(locals, 'access');
    const parsed = Named.extend(One.shape).safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'save-rule' as const });
    const { id, name } = parsed.data;
    return context().searches.rename(reader.login, id, name) ? { saved: id } : fail(404, { fault: 'save-gone' as const }); // prettier-ignore
  },
  forget: async ({ request, locals }) => {
    const reader = readerOf(locals, 'access');
    const { id } = One.catch({ id: '' }).parse(Object.fromEntries(await request.formData()));
    return context().searches.remove(reader.login, id) ? { saved: id } : fail(404, { fault: 'save-gone' as const }); // prettier-ignore
  },
  // A kept search of someone is a search anew, told to the log with its purpose.
  open: async ({ request, locals, getClientAddress }) => {
    const reader = readerOf(locals, 'access');
    const { id } = One.catch({ id: '' }).parse(Object.fromEntries(await request.formData()));
    const found = context()
      .searches.list(reader.login)
      .find((one) => one.id === id);
    if (!found) return fail(404, { fault: 'save-gone' as const });
    const params = new URLSearchParams(found.query);
    if (found.sought) {
      mustHave(reader, 'access', 'search-patient');
      try {
        params.set('search', await keepSought(reader, getClientAddress(), found.sought));
      } catch {
        return fail(503, { fault: 'not-audited' as const });
      }
    }
    redirect(303, `/access?${params}`);
  },
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
