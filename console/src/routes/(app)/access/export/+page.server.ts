import { fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { windowOf } from '#lib/explorer/window.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { Exports } from '#lib/server/explorer/export/exports.ts';
import { exportFormats } from '#lib/server/explorer/export/formats.ts';
import { addressOf, asked } from '#lib/server/explorer/filter.ts';
import { histogramOf } from '#lib/server/explorer/counts.ts';
import { logUsed } from '#lib/server/own-audit/own-audit.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'export');
  const { exports, config } = context();
  return {
    exports: exports.list(reader.login).map(({ id, format, askedAt, expected, state, rows, bytes, audit }) => ({ id, format, askedAt, expected, state, rows, bytes, audit })), // prettier-ignore
    signs: config.signingKey() !== undefined
  };
};

const Start = z.object({ format: z.enum(exportFormats) });
const Cancel = z.object({ id: z.string().max(40) });

export const actions: Actions = {
  start: async ({ request, locals, url, getClientAddress }) => {
    const reader = readerOf(locals, 'access');
    mustHave(reader, 'access', 'export');
    const parsed = Start.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success) return fail(400, { fault: 'form' as const });
    const { client, ownAudit, exports } = context();
    const askedAt = new Date();
    const search = new URLSearchParams(url.searchParams);
    for (const name of ['before', 'lang', 'day', '/start']) search.delete(name);
    const view = viewOf(reader, url, '24h', askedAt);
    const window = windowOf(view.from, view.to);
    const { filter } = asked(reader, search);
    await recordReading(
      ownAudit,
      logUsed(reader, getClientAddress(), { act: 'list', about: addressOf('/access/export', window, search) })
    );
    const columns = await histogramOf(client, filter, window);
    exports.add({
      id: Exports.newId(),
      login: reader.login,
      format: parsed.data.format,
      search: String(search),
      from: window.from,
      to: window.to,
      askedAt,
      expected: columns.reduce((sum, { events }) => sum + events, 0)
    });
    redirect(303, '/access/export');
  },
  cancel: async ({ request, locals }) => {
    const reader = readerOf(locals, 'access');
    mustHave(reader, 'access', 'export');
    const parsed = Cancel.safeParse(Object.fromEntries(await request.formData()));
    if (!parsed.success || !context().exports.cancel(parsed.data.id, reader.login))
      return fail(404, { fault: 'gone' as const });
    return { cancelled: true };
  }
};
