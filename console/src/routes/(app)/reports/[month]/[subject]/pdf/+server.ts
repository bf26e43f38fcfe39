import { reportExported } from '@vigie/schemas/own-audit';
import { recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { doerOf } from '#lib/server/own-audit/own-audit.ts';
import { askedReport, reportFor } from '#lib/server/reports/answer.ts';
import { keptPdf } from '#lib/server/reports/keep.ts';
import { typeset } from '#lib/server/reports/typeset.ts';
import type { RequestHandler } from './$types';

/** The PDF of a report: the kept one, else one made now. It is given once its giving is in Vigie's own log. */
export const GET: RequestHandler = async ({ locals, params, url, getClientAddress }) => {
  const { reader, asked } = askedReport(locals, params, url.searchParams);
  const { ownAudit, config } = context();
  const about = `/reports/${asked.month}/${asked.subject}`;
  await recordReading(
    ownAudit,
    reportExported(doerOf(reader, getClientAddress()), Date.now(), { act: 'report-taken', about })
  );
  const pdf = keptPdf(config.dataFolder, asked) ?? (await typeset((await reportFor(asked)).report));
  return new Response(new Uint8Array(pdf), {
    headers: {
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="vigie-${asked.month}-${asked.subject}.${asked.language}.pdf"`
    }
  });
};
