import { DateTime } from 'luxon';

const zone = 'Europe/Paris';

/** One day of a calendar, `date` as yyyy-mm-dd of Europe/Paris. */
export interface Day {
  readonly date: string;
  readonly events: number;
}

export const dayOf = (at: Date): string => DateTime.fromJSDate(at, { zone }).toISODate() ?? '';

/** The window of one day of Europe/Paris. Undefined when the text is no day. Pure. */
export function windowOfDay(date: string): { from: Date; to: Date } | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const start = DateTime.fromISO(date, { zone });
  return start.isValid ? { from: start.toJSDate(), to: start.plus({ days: 1 }).toJSDate() } : undefined;
}

/**
 * Weeks of a window as columns of seven days, Monday first; a day outside the window is undefined. Pure.
 * @param counts events by day
 */
export function weeksOf(from: Date, to: Date, counts: ReadonlyMap<string, number>): (Day | undefined)[][] {
  const first = DateTime.fromJSDate(from, { zone }).startOf('day');
  const weeks: (Day | undefined)[][] = [];
  for (
    let monday = first.startOf('week');
    monday.toMillis() < to.getTime() && weeks.length < 200;
    monday = monday.plus({ weeks: 1 })
  )
    // prettier-ignore
    weeks.push(
      Array.from({ length: 7 }, (_, n) => {
        const day = monday.plus({ days: n });
        if (day < first || day.toMillis() >= to.getTime()) return undefined;
        const date = day.toISODate() ?? '';
        return { date, events: counts.get(date) ?? 0 };
      })
    );
  return weeks;
}

/** Lines day by day, in the order they come. Pure. */
export function byDay<T extends { readonly occurred_at: Date }>(
  lines: readonly T[]
): { date: string; lines: T[] }[] {
  // prettier-ignore
  const days: { date: string; lines: T[] }[] = [];
  for (const line of lines) {
    const date = dayOf(line.occurred_at);
    const last = days.at(-1);
    if (last?.date === date) last.lines.push(line);
    else days.push({ date, lines: [line] });
  }
  return days;
}
