import type { Cell, ShownColumn, ShownRow } from './shown.ts';

/**
 * Rows as CSV (RFC 4180), values as the store tells them: ISO times, plain numbers, ids. A text that a spreadsheet would
 * take for a formula is prefixed with an apostrophe.
 */
export function csv(columns: readonly ShownColumn[], rows: readonly ShownRow[]): string {
  const shown = columns.filter((column) => column.export !== '');
  const lines = [
    shown.map((column) => column.export),
    ...rows.map((row) => shown.map((column) => row[column.name] ?? null))
  ];
  return lines.map(csvLine).join('');
}

/** One line of CSV, with its end. A text that a spreadsheet would take for a formula is prefixed with an apostrophe. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(field).join(',')}\r\n`;

function field(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
