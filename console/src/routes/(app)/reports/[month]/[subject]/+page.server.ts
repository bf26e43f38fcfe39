import { fail } from '@sveltejs/kit';
import { reportExported } from '@vigie/schemas/own-audit';
import { recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { doerOf } from '#lib/server/own-audit/own-audit.ts';
import { askedReport, reportFor, reportParts } from '#lib/server/reports/answer.ts';
import { buildReport } from '#lib/server/reports/build-report.ts';
import { keepReport } from '#lib/server/reports/keep.ts';
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
      for (const language of languages)
        await keepReport(config.dataFolder, await buildReport(parts, { ...asked, language }));
    } catch (failure) {
      log.error(
        { error: failure instanceof Error ? failure.message : String(failure) },
        'a report was not kept'
      );
      return fail(500, { fault: 'not-kept' as const });
    }
    return { kept: true };
  }
};
