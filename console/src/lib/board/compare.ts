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
      : collatorOf(names.language).compare(written(column, one, names), written(column, other, names));
  return down ? -order : order;
}

const collators = new Map<Names['language'], Intl.Collator>();

/** Made once: a table of thousands of rows compares some ten times as many pairs. */
function collatorOf(language: Names['language']): Intl.Collator {
  const collator = collators.get(language) ?? new Intl.Collator(language, { numeric: true });
  collators.set(language, collator);
  return collator;
}

const written = (
  column: Pick<ShownColumn, 'type' | 'digits' | 'words'>,
  value: Cell,
  names: Names
): string => (inOrder.has(column.type) ? String(value) : show(column, value, names));
