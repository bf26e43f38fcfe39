import { error } from '@sveltejs/kit';
import type { Report } from '#lib/reports/report.ts';
import { languages, type Language } from '#lib/text/language.ts';
import { readerOf } from '../access/guard.ts';
import type { Reader } from '../access/reader.ts';
import { boards } from '../board/boards.ts';
import { context } from '../context.ts';
import { simulated } from '../query/signals.ts';
import { buildReport, monthSpan, type Asked, type ReportParts } from './build-report.ts';
import { keptReport } from './keep.ts';
import { subjectsOf } from './subjects.ts';

/** The report an address names, for a reader it is for. The language is the address's, else the reader's. */
export function askedReport(
  locals: App.Locals,
  params: { readonly month: string; readonly subject: string },
  search: URLSearchParams
): { readonly reader: Reader; readonly asked: Asked } {
  const reader = readerOf(locals, 'reports');
  const { config } = context();
  const { month, subject } = params;
  const span = monthSpan(month, config.group.organisation.timezone);
  const isTheirs = subjectsOf(config.group, reader.scope).includes(subject);
  if (span === undefined || span.from > new Date() || !isTheirs) error(404, { message: 'not-found' });
  const told = search.get('in');
  const language: Language = languages.find((one) => one === told) ?? locals.language;
  return { reader, asked: { month, subject, language } };
}

export async function reportParts(): Promise<ReportParts> {
  const { client, config, log } = context();
  return {
    client,
    config: config.group,
    boards,
    now: new Date(),
    simulated: await simulated(client),
    failed: (panel, failure) =>
      log.error({ panel, error: failure instanceof Error ? failure.message : String(failure) }, 'a report')
  };
}

/** The kept report, else one that is made now. */
export async function reportFor(asked: Asked): Promise<{ readonly report: Report; readonly kept: boolean }> {
  const kept = keptReport(context().config.dataFolder, asked);
  if (kept !== undefined) return { report: kept, kept: true };
  return { report: await buildReport(await reportParts(), asked), kept: false };
}
