import { DateTime } from 'luxon';
import type { Panel } from '@vigie/dashboards';
import type { Compare } from '#lib/period.ts';

/** `from` ≤ t < `to`; `to` may lie ahead of now. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** The span a panel reads, its finished part, what it is compared with, and the width of its time buckets. */
export interface PanelWindow extends Span {
  readonly complete: Date;
  readonly before_from: Date;
  readonly before_to: Date;
  readonly grain: 'hour' | 'day';
}

/** Weeks that what is compared lies earlier, at least: so many that weekdays meet weekdays. */
const leastWeeks: Readonly<Record<Compare, number>> = { previous: 1, month: 4, year: 52 };

/**
 * The window of one panel. What is compared lies whole weeks earlier, so that weekdays meet weekdays, and is as long as
 * the finished part; a day, an hour or (for windows of months) a month still running is not finished.
 */
export function windowOf(
  panel: Pick<Panel, 'window' | 'whole_days'>,
  period: Span,
  now: Date,
  zone: string,
  compare: Compare = 'previous'
): PanelWindow {
  const local = (date: Date) => DateTime.fromJSDate(date, { zone });
  // The last instant of the period that has come about: the month or the days before are counted from it.
  const last = local(new Date(Math.min(period.to.getTime() - 1, now.getTime())));
  let [from, to] = reach(panel.window, local(period.from), local(period.to), last);
  if (panel.whole_days) {
    from = from.startOf('day');
    if (+to !== +to.startOf('day')) to = to.startOf('day').plus({ days: 1 });
  } else {
    // Rollups hold whole hours: the first counts whole, or it would be missing.
    from = from.startOf('hour');
  }
  const running = local(now).startOf(
    panel.window.startsWith('month') ? 'month' : panel.whole_days ? 'day' : 'hour'
  );
  const complete = DateTime.max(from, DateTime.min(to, running));
  const weeks = Math.max(1, Math.ceil(to.diff(from, 'days').days / 7), leastWeeks[compare]);
  const shift = { days: weeks * 7 };
  return {
    from: from.toJSDate(),
    to: to.toJSDate(),
    complete: complete.toJSDate(),
    before_from: from.minus(shift).toJSDate(),
    before_to: complete.minus(shift).toJSDate(),
    grain: to.diff(from, 'hours').hours <= 73 ? 'hour' : 'day'
  };
}

function reach(window: Panel['window'], from: DateTime, to: DateTime, last: DateTime): [DateTime, DateTime] {
  const end = last.plus(1);
  switch (window) {
    case 'period':
      return [from, to];
    case 'period-31':
      return [DateTime.max(from, last.startOf('day').minus({ days: 30 })), to];
    case 'period-92':
      return [DateTime.max(from, last.startOf('day').minus({ days: 91 })), to];
    case 'hours-24':
      return [end.minus({ hours: 24 }), end];
    case 'days-30':
      return [last.startOf('day').minus({ days: 29 }), end];
    case 'days-90':
      return [last.startOf('day').minus({ days: 89 }), end];
    case 'month':
      return [last.startOf('month'), last.startOf('month').plus({ months: 1 })];
    case 'months-2':
      return [last.startOf('month').minus({ months: 1 }), last.startOf('month').plus({ months: 1 })];
    case 'months-13':
      return [last.startOf('month').minus({ months: 12 }), last.startOf('month').plus({ months: 1 })];
    case 'year':
      return [last.startOf('year'), last.startOf('year').plus({ years: 1 })];
  }
}
