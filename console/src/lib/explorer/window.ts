import { DateTime } from 'luxon';

const zone = 'Europe/Paris';
const hourMs = 3_600_000;

/**
 * How a window of time is counted. Up to twelve hours are counted from the facts, to the millisecond; longer ones from hourly
 * and daily counts, so they are widened to whole hours, and whole days of Europe/Paris inside them come from the daily ones.
 */
export interface Window {
  readonly from: Date;
  readonly to: Date;
  readonly exact: boolean;
  /** Width of a column of the histogram, seconds; 86,400 and more stand for days and weeks of Europe/Paris. */
  readonly step: number;
  /** Whole days inside, `daysFrom` ≤ t < `daysTo`; equal when there are none. */
  readonly daysFrom: Date;
  readonly daysTo: Date;
}

const steps = { exact: [60, 300, 900], rollup: [3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800] } as const; // prettier-ignore
/** Columns of a histogram at most, about. */
const columns = 110;

/** Pure. @param from ≤ t < to */
export function windowOf(from: Date, to: Date): Window {
  const exact = to.getTime() - from.getTime() <= 12 * hourMs;
  const start = exact ? from : new Date(Math.floor(from.getTime() / hourMs) * hourMs);
  const end = exact ? to : new Date(Math.ceil(to.getTime() / hourMs) * hourMs);
  const wanted = (end.getTime() - start.getTime()) / 1000 / columns;
  const list = exact ? steps.exact : steps.rollup;
  const first = DateTime.fromJSDate(start, { zone });
  const daysFrom = first.equals(first.startOf('day')) ? first : first.startOf('day').plus({ days: 1 });
  const daysTo = DateTime.fromJSDate(end, { zone }).startOf('day');
  const none = exact || daysFrom >= daysTo;
  return {
    from: start,
    to: end,
    exact,
    step: list.find((step) => step >= wanted) ?? list.at(-1) ?? 604_800,
    daysFrom: none ? end : daysFrom.toJSDate(),
    daysTo: none ? end : daysTo.toJSDate()
  };
}

/**
 * The moments at which the columns of a histogram begin, the first at or before `from`: counted from each midnight of
 * Europe/Paris, so that the day the clocks change has one column more or less. Pure.
 */
export function columnStarts({ from, to, step }: Pick<Window, 'from' | 'to' | 'step'>): Date[] {
  const found: Date[] = [];
  let day = DateTime.fromJSDate(from, { zone }).startOf(step > 86_400 ? 'week' : 'day');
  while (day.toMillis() < to.getTime() && found.length < 2000) {
    const next = day.plus(step > 86_400 ? { weeks: 1 } : { days: 1 });
    const width = step < 86_400 ? step * 1000 : next.toMillis() - day.toMillis();
    for (let at = day.toMillis(); at < Math.min(next.toMillis(), to.getTime()); at += width)
      if (at + width > from.getTime()) found.push(new Date(at));
    day = next;
  }
  return found;
}
