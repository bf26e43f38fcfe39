import type { Board } from '@vigie/dashboards';
import type { Config } from '@vigie/schemas';
import type { ClickHouseClient } from '@vigie/store';
import { DateTime } from 'luxon';
import { isNumeric, show } from '#lib/board/show.ts';
import type { Names, ShownPanel } from '#lib/board/shown.ts';
import { group, type Report, type Section } from '#lib/reports/report.ts';
import { reportWords } from '#lib/reports/words.ts';
import type { Language } from '#lib/text/language.ts';
import { runBoard } from '../board/run.ts';
import { sectionsOf } from './sections.ts';
import { scopeOf } from './subjects.ts';

/** What a report is made of; clock and client are arguments. */
export interface ReportParts {
  readonly client: ClickHouseClient;
  readonly config: Config;
  readonly boards: readonly Board[];
  readonly now: Date;
  readonly simulated: boolean;
  readonly failed: (panel: string, error: unknown) => void;
}

/** Which report. @param month `2026-10` @param subject a site id of vigie.yaml, or `group` */
export interface Asked {
  readonly month: string;
  readonly subject: string;
  readonly language: Language;
}

/** First instant of a month and of the next, in the organisation's time zone; undefined for what is no month. */
export function monthSpan(
  month: string,
  zone: string
): { readonly from: Date; readonly to: Date } | undefined {
  const from = DateTime.fromFormat(month, 'yyyy-MM', { zone });
  return from.isValid ? { from: from.toJSDate(), to: from.plus({ months: 1 }).toJSDate() } : undefined;
}

/**
 * Makes a report of the boards' own panels, asked as a director is: what is withheld there is withheld here, whoever reads it. Panels
 * are asked one after the other: a report is in no hurry.
 */
export async function buildReport(parts: ReportParts, { month, subject, language }: Asked): Promise<Report> {
  const { client, config, now } = parts;
  const period = monthSpan(month, config.organisation.timezone);
  if (period === undefined) throw new Error(`${month} is no month`);
  const say = reportWords(language);
  const site = config.sites.find(({ id }) => id === subject);
  const sections: Section[] = [];
  for (const { board, path } of sectionsOf(parts.boards)) {
    const shown = await runBoard(board, {
      client,
      config,
      language,
      period,
      now,
      reader: { role: 'direction', scope: scopeOf(config, subject) },
      sites: site ? [site.id] : [],
      requestId: 'report',
      report: parts.failed
    });
    for (const panel of shown.panels)
      sections.push(
        sectionOf(
          panel,
          shown.names,
          `${path}?from=${month}-01&to=${lastDay(period.to, config)}${site ? `&site=${site.id}` : ''}`
        )
      );
  }
  return {
    version: 1,
    month,
    subject,
    language,
    organisation: config.organisation.name,
    title: `${say.title}, ${subject === group ? say.group : (site?.name ?? subject)}, ${monthName(month, language)}`,
    madeAt: now.toISOString(),
    finished: now >= period.to,
    simulated: parts.simulated,
    sections
  };
}

const lastDay = (to: Date, config: Config): string =>
  DateTime.fromJSDate(to, { zone: config.organisation.timezone }).minus({ days: 1 }).toISODate() ?? '';

/** `octobre 2026` */
export const monthName = (month: string, language: Language): string =>
  new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC'
  }).format(new Date(`${month}-01T12:00:00Z`));

function sectionOf(panel: ShownPanel, names: Names, path: string): Section {
  const say = reportWords(names.language);
  const table = panel.kind === 'figure' ? figures(panel, names) : rowsOf(panel, names);
  const hidden = Object.keys(panel.withheld).length > 0;
  return {
    id: panel.id,
    title: panel.title,
    ...(panel.shared && { note: sharedNote(names) }),
    ...(panel.sentence !== undefined && { sentence: panel.sentence }),
    period: say.period(day(panel.window.from, 0, names), day(panel.window.to, 1, names)),
    ...table,
    ...(hidden && { withheld: say.withheldWhy }),
    definition: panel.definition,
    path,
    empty: panel.failed === undefined ? panel.empty : say.failed,
    ...(panel.failed !== undefined && { failed: true })
  };
}

/** The day of an instant, or of the one just before it: windows end with the first instant they leave out. */
const day = (at: string, before: number, names: Names) =>
  new Intl.DateTimeFormat(names.language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'Europe/Paris'
  })
    .format(new Date(Date.parse(at) - before))
    .replace(/^1 (?=\p{L})/u, names.language === 'fr' ? '1er ' : '1 ');

const sharedNote = (names: Names) =>
  names.language === 'fr' ? 'commun à tous les sites' : 'shared by all sites';

function rowsOf(panel: ShownPanel, names: Names): Pick<Section, 'columns' | 'rows'> {
  const say = reportWords(names.language);
  const shown = panel.columns.filter(({ hidden }) => !hidden);
  return {
    columns: shown.map((column) => ({
      label: column.label,
      numeric: isNumeric(column),
      ...(column.definition !== undefined && { definition: column.definition })
    })),
    rows: panel.rows
      .slice(0, 200)
      .map((row, at) =>
        shown.map((column) =>
          panel.withheld[`${at}.${column.name}`] === undefined
            ? show(column, row[column.name], names)
            : say.withheld
        )
      )
  };
}

/** Large numbers of one row as a table: their name, value, and change where there is one. */
function figures(panel: ShownPanel, names: Names): Pick<Section, 'columns' | 'rows'> {
  const say = reportWords(names.language);
  const [row] = panel.rows;
  const cell = (name: string | undefined) => {
    const column = panel.columns.find((one) => one.name === name);
    if (column === undefined || row === undefined) return '';
    return panel.withheld[`0.${column.name}`] === undefined
      ? show(column, row[column.name], names)
      : say.withheld;
  };
  const label = (name: string) => panel.columns.find((one) => one.name === name)?.label ?? name;
  const changes = panel.figures.some(({ change }) => change !== undefined);
  return {
    columns: [
      { label: say.figure, numeric: false },
      { label: say.value, numeric: true },
      ...(changes ? [{ label: say.change, numeric: true }] : [])
    ],
    rows:
      row === undefined
        ? []
        : panel.figures.map(({ value, change }) => [
            label(value),
            cell(value),
            ...(changes ? [cell(change)] : [])
          ])
  };
}
