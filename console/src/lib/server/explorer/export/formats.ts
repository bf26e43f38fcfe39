import { writeXlsxStream } from 'hucre/xlsx';
import { csvLine } from '#lib/board/csv.ts';
import { auditEventOf } from '../../fhir/resource.ts';
import type { ExportRow } from '../../query/export-rows.ts';
import { exportColumns } from './columns.ts';

export const exportFormats = ['csv', 'xlsx', 'bundle', 'fhir'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What a file is made for. */
export interface Told {
  /** Whether its reader sees pseudonyms; else persons, patients and studies are masked. */
  readonly pseudonyms: boolean;
  /** Id of the export, and when it was asked for. */
  readonly id: string;
  readonly askedAt: Date;
  /** Address of the FHIR side, such as https://vigie.example.fr/fhir. */
  readonly base: string;
}

/** What a format is called, and how rows become its bytes, as they are taken. */
interface Writer {
  readonly extension: string;
  readonly type: string;
  readonly write: (rows: AsyncIterable<ExportRow[]>, told: Told) => AsyncIterable<Uint8Array>;
}

const utf8 = new TextEncoder();

/** RFC 4180, UTF-8 with a byte order mark, which spreadsheets need; what looks like a formula is kept from being one. */
async function* csv(pages: AsyncIterable<ExportRow[]>): AsyncIterable<Uint8Array> {
  yield utf8.encode('\ufeff' + csvLine(exportColumns.map(({ name }) => name)));
  for await (const rows of pages)
    yield utf8.encode(rows.map((row) => csvLine(exportColumns.map(({ value }) => textOf(value(row))))).join(''));
} // prettier-ignore

const textOf = (value: string | number | Date | null) =>
  value instanceof Date ? value.toISOString() : value;

/** One AuditEvent a line (FHIR R4, application/fhir+ndjson), by the mapping of the search. */
async function* fhir(pages: AsyncIterable<ExportRow[]>, { pseudonyms }: Told): AsyncIterable<Uint8Array> {
  const view = { pseudonyms, opened: new Map<string, never>() };
  for await (const rows of pages)
    yield utf8.encode(rows.map((row) => `${JSON.stringify(auditEventOf(row, view))}\n`).join(''));
}

/**
 * One Bundle (FHIR R4, type collection) of the same resources, whatever their number: it is written as the rows come, so it tells no
 * total, and has no `entry` when there is none, as FHIR wants of empty lists.
 */
async function* bundle(
  pages: AsyncIterable<ExportRow[]>,
  { pseudonyms, id, askedAt, base }: Told
): AsyncIterable<Uint8Array> {
  const view = { pseudonyms, opened: new Map<string, never>() };
  const head = {
    resourceType: 'Bundle',
    identifier: { system: 'urn:vigie:export', value: id },
    type: 'collection',
    timestamp: askedAt.toISOString()
  };
  yield utf8.encode(JSON.stringify(head).slice(0, -1));
  let before = ',"entry":[\n';
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    const entries = rows.map((row) => {
      const resource = auditEventOf(row, view);
      return JSON.stringify({ fullUrl: `${base}/AuditEvent/${resource.id ?? ''}`, resource });
    });
    yield utf8.encode(before + entries.join(',\n'));
    before = ',\n';
  }
  yield utf8.encode(before === ',\n' ? '\n]}\n' : '}\n');
}

/** Sheets of 1,048,576 rows at most, the header on each; texts stay texts, whatever they look like. */
function xlsx(pages: AsyncIterable<ExportRow[]>): AsyncIterable<Uint8Array> {
  async function* lines() {
    for await (const rows of pages)
      for (const row of rows) yield exportColumns.map(({ value }) => textOf(value(row)));
  }
  const columns = exportColumns.map(({ name }) => ({ header: name }));
  return writeXlsxStream(lines(), { name: 'accesses', columns, zip64: true });
}

export const writers: Readonly<Record<ExportFormat, Writer>> = {
  csv: { extension: 'csv', type: 'text/csv; charset=utf-8', write: csv },
  xlsx: {
    extension: 'xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    write: xlsx
  },
  bundle: { extension: 'fhir.json', type: 'application/fhir+json', write: bundle },
  fhir: { extension: 'ndjson', type: 'application/fhir+ndjson', write: fhir }
};
