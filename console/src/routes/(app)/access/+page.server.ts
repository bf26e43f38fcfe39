import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { accessFilter, addressOf, hasFilter, histogramStep, visibleRow } from '#lib/server/access-view.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { may } from '#lib/server/access/pages.ts';
import { context } from '#lib/server/context.ts';
import { logUsed, purposes } from '#lib/server/own-audit/own-audit.ts';
import { accessFacets, accessHistogram, accessList } from '#lib/server/query/access.ts';
import { patientPseudonyms } from '#lib/server/query/patient-pseudonyms.ts';
import { viewOf } from '#lib/server/query/window.ts';
import { systemNames } from '#lib/server/names.ts';
import type { Actions, PageServerLoad } from './$types';

const pageSize = 50;
const Before = z.object({ at: z.coerce.date(), id: z.string().max(64) });

export const load: PageServerLoad = async ({ locals, url, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  const { client, ownAudit, config } = context();
  const view = viewOf(reader, url);
  const filter = accessFilter(reader, view, url);
  // Reading the log is itself logged, before anything is read (IHE ITI-20, Audit Log Used).
  await recordReading(
    ownAudit,
    logUsed(reader, getClientAddress(), {
      act: 'list',
      about: addressOf(filter, url)
    })
  );
  const [beforeAt, beforeId] = (url.searchParams.get('before') ?? '').split('_');
  const before = Before.safeParse({ at: beforeAt, id: beforeId });
  const step = histogramStep(view.from, view.to);
  const [rows, facets, histogram] = await Promise.all([
    accessList.ask(client, {
      ...filter,
      beforeAt: before.success ? before.data.at : view.to,
      beforeId: before.success ? before.data.id : '',
      limit: pageSize + 1
    }),
    accessFacets.ask(client, filter),
    accessHistogram.ask(client, { ...filter, step })
  ]);
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  return {
    rows: shown.map((row) => visibleRow(reader, row)),
    next: rows.length > pageSize && last ? `${last.occurred_at.toISOString()}_${last.id}` : undefined,
    total: histogram.reduce((sum, one) => sum + one.events, 0),
    facets,
    histogram,
    step,
    from: view.from,
    to: view.to,
    filtered: hasFilter(url),
    expired: filter.expired,
    sees: { pseudonyms: may(reader.role, 'see-pseudonyms'), search: may(reader.role, 'search-patient') },
    systems: systemNames(),
    // What a reader does not see is said, so that an absence is not taken for calm.
    hidden: config.group.establishments.filter(({ id }) => !reader.scope.includes(id)).map(({ name }) => name)
  };
};

const Form = z.object({ identifier: z.string().trim().min(1).max(256), purpose: z.enum(purposes) });

export const actions: Actions = {
  patient: async ({ request, locals, url, getClientAddress }) => {
    const reader = readerOf(locals, 'access');
    mustHave(reader, 'access', 'search-patient');
    const parsed = Form.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'form' as const });
    const { config, searches, ownAudit } = context();
    const pseudonyms = patientPseudonyms(parsed.data.identifier, config.group, config.pseudonymKey());
    try {
      await ownAudit.record(
        logUsed(reader, getClientAddress(), {
          act: 'patient-search',
          about: pseudonyms.map((one) => `pseudonym:${one}`),
          purpose: parsed.data.purpose
        })
      );
    } catch {
      return fail(503, { fault: 'not-audited' as const });
    }
    const params = new URLSearchParams(url.searchParams);
    for (const name of ['before', '/patient', 'lang']) params.delete(name);
    params.set('search', searches.keep(reader.login, pseudonyms, Date.now()));
    if (!params.has('period') && !params.has('from')) params.set('period', '12m');
    redirect(303, `/access?${params}`);
  }
};
