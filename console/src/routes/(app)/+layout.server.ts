import { redirect } from '@sveltejs/kit';
import { signedIn } from '#lib/server/access/guard.ts';
import { pagesOf, type Page } from '#lib/server/access/pages.ts';
import { signalsOf } from '#lib/server/access/signals.ts';
import { context } from '#lib/server/context.ts';
import { openSignals } from '#lib/server/query/signals.ts';
import { pageOfSignal } from '#lib/signal-pages.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals }) => {
  const reader = signedIn(locals);
  if (reader.mustChangePassword) redirect(303, '/password');
  const { client, config, intake } = context();
  const pages = pagesOf(reader.role);
  // Badges help, and must not keep a page from being shown.
  const [told, taken] = await Promise.all([openSignals(client).catch(() => []), intake()]);
  const signals = signalsOf(reader, told, config.group);
  const counts: Partial<Record<Page, number>> = {};
  for (const { code } of signals) {
    const page = pageOfSignal[code];
    counts[page] = (counts[page] ?? 0) + 1;
  }
  const sites = config.group.sites.filter((site) => reader.scope.includes(site.establishment));
  return {
    intake: taken,
    reader: { login: reader.login, name: reader.name, role: reader.role },
    organisation: config.group.organisation.name,
    pages: pages.map((page) => ({ page, count: counts[page] ?? 0 })),
    sites: sites.map(({ id, name, short_name }) => ({ id, name, short: short_name }))
  };
};
