import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedParts, Report } from '#lib/reports/report.ts';
import type { Language } from '#lib/text/language.ts';
import { typeset } from './typeset.ts';

/*
 * Reports that were made and kept: `reports/<month>/<subject>.<language>.json` and `.pdf` in the data folder. Made again they are
 * replaced; nothing else touches them.
 */
interface Named {
  readonly month: string;
  readonly subject: string;
  readonly language: Language;
}

const Month = /^\d{4}-\d{2}$/;
const Subject = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Path without ending. @throws for a name that would lead elsewhere */
function placeOf(dataFolder: string, { month, subject, language }: Named): string {
  if (!Month.test(month) || !Subject.test(subject)) throw new Error('no such report');
  return join(dataFolder, 'reports', month, `${subject}.${language}`);
}

/** A report that is not kept, since parts of it could not be computed. */
export class IncompleteReport extends Error {
  readonly parts: readonly string[];

  constructor(parts: readonly string[]) {
    super(`parts of the report could not be computed: ${parts.join(', ')}`);
    this.parts = parts;
  }
}

/** @throws IncompleteReport when a part of it could not be computed */
export function mustBeWhole(report: Report): void {
  const failed = failedParts(report);
  if (failed.length > 0) throw new IncompleteReport(failed);
}

/**
 * Writes a report and its PDF, each whole or not at all. @returns the PDF
 * @throws IncompleteReport when a part of it could not be computed; what is kept stays
 */
export async function keepReport(dataFolder: string, report: Report): Promise<Buffer> {
  const place = placeOf(dataFolder, report);
  mustBeWhole(report);
  mkdirSync(join(dataFolder, 'reports', report.month), { recursive: true, mode: 0o700 });
  const pdf = await typeset(report);
  for (const [ending, bytes] of [
    ['pdf', pdf],
    ['json', JSON.stringify(report)]
  ] as const) {
    writeFileSync(`${place}.${ending}.part`, bytes, { mode: 0o600 });
    renameSync(`${place}.${ending}.part`, `${place}.${ending}`);
  }
  return pdf;
}

/** A kept report; undefined when there is none, or none that can be read. */
export function keptReport(dataFolder: string, named: Named): Report | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(`${placeOf(dataFolder, named)}.json`, 'utf8')));
  } catch {
    return undefined;
  }
}

export function keptPdf(dataFolder: string, named: Named): Buffer | undefined {
  const file = `${placeOf(dataFolder, named)}.pdf`;
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** Months of which reports are kept, the newest first. */
export function keptMonths(dataFolder: string): string[] {
  const folder = join(dataFolder, 'reports');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => Month.test(name))
        .toSorted()
        .toReversed()
    : [];
}
