import { group } from '#lib/reports/report.ts';
import { readerOf } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { reportMonths } from '#lib/server/query/report-months.ts';
import { keptMonths, keptReport } from '#lib/server/reports/keep.ts';
import { monthName } from '#lib/server/reports/build-report.ts';
import { subjectsOf } from '#lib/server/reports/subjects.ts';
import type { PageServerLoad } from './$types';

/** As far back as the oldest retention of sums. */
const ever = new Date('2000-01-01T00:00:00Z');

export const load: PageServerLoad = async ({ locals }) => {
  const reader = readerOf(locals, 'reports');
  const { client, config } = context();
  const now = new Date();
  const months = await reportMonths.ask(client, { scope: reader.scope, from: ever, to: now });
  const all = [...new Set([...keptMonths(config.dataFolder), ...months.map(({ month }) => month)])];
  const subjects = subjectsOf(config.group, reader.scope);
  const { language } = locals;
  const names = new Map(config.group.sites.map(({ id, name }) => [id, name]));
  return {
    ownPeriod: true,
    subjects: subjects.map((id) => ({ id, name: id === group ? undefined : names.get(id) })),
    months: all
      .toSorted()
      .toReversed()
      .map((month) => ({
        month,
        name: monthName(month, language),
        reports: subjects.map((subject) => ({
          subject,
          keptAt: keptReport(config.dataFolder, { month, subject, language })?.madeAt
        }))
      })),
    running: now.toISOString().slice(0, 7),
    schedule: config.group.reports.schedule
  };
};
