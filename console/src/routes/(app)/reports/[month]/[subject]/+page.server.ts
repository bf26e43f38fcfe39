import { fail } from '@sveltejs/kit';
import { reportExported } from '@vigie/schemas/own-audit';
import type { Report } from '#lib/reports/report.ts';
import { recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { doerOf } from '#lib/server/own-audit/own-audit.ts';
import { askedReport, reportFor, reportParts } from '#lib/server/reports/answer.ts';
import { buildReport } from '#lib/server/reports/build-report.ts';
import { IncompleteReport, keepReport, mustBeWhole } from '#lib/server/reports/keep.ts';
import { languages } from '#lib/text/language.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { asked } = askedReport(locals, params, url.searchParams);
  return { ownPeriod: true, ...(await reportFor(asked)) };
};

/** What keeps a report from being kept, for its page. */
function faultOf(failure: unknown) {
  if (failure instanceof IncompleteReport)
    return fail(503, { fault: 'incomplete' as const, parts: failure.parts });
  const reason = failure instanceof Error ? failure.message : String(failure);
  context().log.error({ error: reason }, 'a report was not kept');
  return fail(500, { fault: 'not-kept' as const });
}

export const actions: Actions = {
  keep: async ({ locals, params, url, getClientAddress }) => {
    const { reader, asked } = askedReport(locals, params, url.searchParams);
    const { ownAudit, config } = context();
    const made: Report[] = [];
    try {
      const parts = await reportParts();
      // The reader's language first: it is the one a fault is told in.
      for (const language of languages.toSorted((one) => (one === locals.language ? -1 : 1)))
        made.push(await buildReport(parts, { ...asked, language }));
      made.forEach(mustBeWhole);
    } catch (failure) {
      return faultOf(failure);
    }
    const about = `/reports/${asked.month}/${asked.subject}`;
    const doer = doerOf(reader, getClientAddress());
    await recordReading(ownAudit, reportExported(doer, Date.now(), { act: 'report-made', about }));
    try {
      // Both are made before one is kept: what is kept is of the same figures in both languages.
      for (const report of made) await keepReport(config.dataFolder, report);
    } catch (failure) {
      return faultOf(failure);
    }
    return { kept: true };
  }
};
