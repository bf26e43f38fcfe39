import { orderOf, show } from './show.ts';
import type { Cell, Names, ShownColumn } from './shown.ts';

/** Types whose stored value sorts as its reader expects: numbers, and ISO times. */
const inOrder: ReadonlySet<ShownColumn['type']> = new Set([
  'count',
  'number',
  'bytes',
  'percent',
  'change',
  'duration',
  'money',
  'days',
  'time',
  'bucket',
  'day',
  'month',
  'hour',
  'weekday'
]);

/**
 * Order of two values of a column as a reader sees them: sites, systems and words by their names, not their ids; what is not told
 * comes last, whichever way.
 * @param down largest first
 */
export function compare(
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  a: Cell | undefined,
  b: Cell | undefined,
  names: Names,
  down = false
): number {
  const [one, other] = [orderOf(column, a), orderOf(column, b)];
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  const order =
    typeof one === 'number' && typeof other === 'number'
      ? one - other
      : written(column, one, names).localeCompare(written(column, other, names), names.language, {
          numeric: true
        });
  return down ? -order : order;
}

const written = (
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: Cell,
  names: Names
): string => (inOrder.has(column.type) ? String(value) : show(column, value, names));
