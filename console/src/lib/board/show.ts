import { format } from '#lib/format/format.ts';
import type { Cell, Names, ShownColumn } from './shown.ts';
import { words } from './words.ts';

const zone = 'Europe/Paris';
const dash = '–';

/** One value written for a reader: the only place where a column's type meets a language. */
export function show(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: Cell | undefined,
  names: Names
): string {
  const say = words(names.language);
  const shape = format(names.language);
  if (value === null || value === undefined) return dash;
  if (typeof value === 'number' && !Number.isFinite(value)) return dash;
  switch (column.type) {
    case 'site':
      return names.sites[String(value)]?.name ?? String(value);
    case 'system':
      return names.systems[String(value)] ?? (String(value) || say.untold);
    case 'objective':
      return names.objectives[String(value)] ?? String(value);
    case 'word':
      return column.words?.[String(value)]?.text ?? (String(value) || say.untold);
    case 'text':
      return String(value) || dash;
    case 'modality':
      return String(value) || say.untold;
    case 'time':
      return shape.dateTime(instant(value));
    case 'day':
      return weekdayAndDate(String(value), names);
    case 'month':
      return new Intl.DateTimeFormat(tag(names), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
        instant(value)
      );
    case 'weekday':
      return new Intl.DateTimeFormat(tag(names), { weekday: 'long', timeZone: 'UTC' }).format(
        Date.UTC(2024, 0, Number(value))
      );
    case 'hour':
      return say.hour(Number(value));
    case 'count':
      return shape.number(Number(value), column.digits ?? 0);
    case 'number':
      return shape.number(Number(value), column.digits ?? 1);
    case 'bytes':
      return shape.bytes(Number(value));
    case 'percent':
      return `${shape.percent(Number(value), column.digits ?? 1)}\u00a0%`;
    case 'change':
      return `${Number(value) < 0 ? '−' : '+'}${shape.number(Math.abs(Number(value)), column.digits ?? 0)}\u00a0%`;
    case 'duration':
      return shape.duration(Number(value));
    case 'money':
      return new Intl.NumberFormat(tag(names), {
        style: 'currency',
        currency: 'EUR',
        minimumFractionDigits: column.digits ?? 0,
        maximumFractionDigits: column.digits ?? 0
      }).format(Number(value));
    case 'days':
      return days(Number(value), names);
  }
}

/** The same value without its unit, for a column whose header carries it. */
export function bare(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words' | 'label'>,
  value: Cell | undefined,
  names: Names
): string {
  const text = show(column as ShownColumn, value, names);
  return column.type === 'percent' && column.label.includes('%') ? text.replace(/\u00a0%$/, '') : text;
}

const numeric: ReadonlySet<ShownColumn['type']> = new Set([
  'count',
  'number',
  'bytes',
  'percent',
  'change',
  'duration',
  'money',
  'days'
]);
export const isNumeric = (column: Pick<ShownColumn, 'type'>): boolean => numeric.has(column.type);

/** A bucket's start, short, for the axis of a chart. */
export function axisLabel(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: Cell,
  names: Names,
  grain: 'hour' | 'day'
): string {
  if (column.type === 'day')
    return new Intl.DateTimeFormat(tag(names), { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
      instant(value)
    );
  if (column.type === 'month')
    return new Intl.DateTimeFormat(tag(names), { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(
      instant(value)
    );
  if (column.type !== 'time') return show(column, value, names);
  const options: Intl.DateTimeFormatOptions =
    grain === 'hour'
      ? { day: 'numeric', hour: '2-digit', minute: '2-digit' }
      : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(tag(names), { timeZone: zone, ...options }).format(instant(value));
}

export const instant = (value: Cell): Date =>
  new Date(String(value).length === 10 ? `${value}T00:00:00Z` : String(value));
const tag = (names: Names) => (names.language === 'fr' ? 'fr-FR' : 'en-GB');

function weekdayAndDate(day: string, names: Names): string {
  return new Intl.DateTimeFormat(tag(names), {
    weekday: 'short',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: 'UTC'
  }).format(instant(day));
}

function days(value: number, names: Names): string {
  const say = words(names.language);
  const shape = format(names.language);
  if (value > 3652) return say.beyond;
  if (value >= 730) return say.years(shape.number(value / 365.25, 1));
  return say.day(shape.number(Math.floor(value)));
}
