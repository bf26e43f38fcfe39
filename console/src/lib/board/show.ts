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
    case 'node':
      return names.nodes?.[String(value)]?.name ?? (String(value) || say.untold);
    case 'word':
      return column.words?.[String(value)]?.text ?? (String(value) || say.untold);
    case 'text':
      return String(value) || dash;
    case 'modality':
      return say.modalities[String(value)]
        ? `${say.modalities[String(value)]} (${value})`
        : String(value) || say.untold;
    case 'time':
      return shape.dateTime(instant(value));
    case 'bucket':
      return bucket(instant(value), names);
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
      return minus(shape.number(Number(value), column.digits ?? 1));
    case 'bytes':
      return shape.bytes(Number(value));
    case 'percent':
      return `${minus(shape.percent(Number(value), column.digits ?? 1))}\u00a0%`;
    case 'change':
      return `${sign(Number(value), column.digits ?? 0)}${shape.number(Math.abs(Number(value)), column.digits ?? 0)}\u00a0%`;
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
    case 'measure':
      return measure(String(value), names);
  }
}

const measures = {
  count: { type: 'count', per: 1 },
  bytes: { type: 'bytes', per: 1 },
  ms: { type: 'duration', per: 1 },
  permille: { type: 'percent', per: 10 }
} as const;

function measure(told: string, names: Names): string {
  const [unit = '', value = ''] = told.split(' ');
  const kind = Object.entries(measures).find(([name]) => name === unit)?.[1];
  return kind === undefined ? told : show({ type: kind.type }, Number(value) / kind.per, names);
}

/** What a table orders a value by: a measure by its number. */
export const orderOf = ({ type }: Pick<ShownColumn, 'type'>, value: Cell | undefined): Cell =>
  type === 'measure' && typeof value === 'string' ? Number(value.split(' ')[1]) : (value ?? null);

/** Plus or minus; nothing for what rounds to zero. */
function sign(value: number, digits: number): string {
  if (Math.abs(value) < 0.5 / 10 ** digits) return '';
  return value < 0 ? '−' : '+';
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

const minus = (text: string) => text.replace(/^-/, '−');

const numeric: ReadonlySet<ShownColumn['type']> = new Set([
  'count',
  'number',
  'bytes',
  'percent',
  'change',
  'duration',
  'money',
  'days',
  'measure'
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
  if (column.type !== 'time' && column.type !== 'bucket') return show(column, value, names);
  const at = instant(value);
  const date = new Intl.DateTimeFormat(tag(names), { timeZone: zone, day: 'numeric', month: 'short' }).format(
    at
  );
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit' }).format(at));
  return grain === 'day' || hour === 0 ? date : words(names.language).hour(hour);
}

/** A tick of a value axis: whole numbers without a decimal mark. */
export function tickLabel(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: number,
  names: Names
): string {
  return show({ ...column, digits: Number.isInteger(value) ? 0 : 1 }, value, names).replace(
    /[,.]0+(?=\u00a0)/,
    ''
  );
}

/** The name of a row or column of a matrix: a modality by its code alone. */
export function short(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: Cell,
  names: Names
): string {
  return show(column.type === 'modality' ? { type: 'text' } : column, value, names);
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

/** An hour by its start, a Paris day by its date. */
function bucket(at: Date, names: Names): string {
  const day: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric'
  };
  const clock = new Intl.DateTimeFormat(tag(names), {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit'
  }).format(at);
  const date = new Intl.DateTimeFormat(tag(names), { timeZone: zone, ...day }).format(at);
  return clock === '00:00' ? date : `${date} ${clock}`;
}

function days(value: number, names: Names): string {
  const say = words(names.language);
  const shape = format(names.language);
  if (value > 3652) return say.beyond;
  if (value >= 730) return say.years(shape.number(value / 365.25, 1));
  return say.day(shape.number(Math.floor(value + 1e-6)));
}
