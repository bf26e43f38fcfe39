import { fail } from '@sveltejs/kit';
import { reportExported } from '@vigie/schemas/own-audit';
import { recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { doerOf } from '#lib/server/own-audit/own-audit.ts';
import { askedReport, reportFor, reportParts } from '#lib/server/reports/answer.ts';
import { buildReport } from '#lib/server/reports/build-report.ts';
import { IncompleteReport, keepReport } from '#lib/server/reports/keep.ts';
import { languages } from '#lib/text/language.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { asked } = askedReport(locals, params, url.searchParams);
  return { ownPeriod: true, ...(await reportFor(asked)) };
};

export const actions: Actions = {
  keep: async ({ locals, params, url, getClientAddress }) => {
    const { reader, asked } = askedReport(locals, params, url.searchParams);
    const { ownAudit, config, log } = context();
    const about = `/reports/${asked.month}/${asked.subject}`;
    const doer = doerOf(reader, getClientAddress());
    await recordReading(ownAudit, reportExported(doer, Date.now(), { act: 'report-made', about }));
    try {
      const parts = await reportParts();
      // Both are made before one is kept: what is kept is of the same figures in both languages.
      const made = [];
      // The reader's language first: it is the one a fault is told in.
      for (const language of languages.toSorted((one) => (one === locals.language ? -1 : 1)))
        made.push(await buildReport(parts, { ...asked, language }));
      for (const report of made) await keepReport(config.dataFolder, report);
    } catch (failure) {
      if (failure instanceof IncompleteReport)
        return fail(503, { fault: 'incomplete' as const, parts: failure.parts });
      log.error(
        { error: failure instanceof Error ? failure.message : String(failure) },
        'a report was not kept'
      );
      return fail(500, { fault: 'not-kept' as const });
    }
    return { kept: true };
  }
};
