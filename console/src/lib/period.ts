import { DateTime } from 'luxon';

const zone = 'Europe/Paris';
export const presets = ['today', '24h', '7d', '30d', 'month', 'last-month', '12m'] as const;
export type Preset = (typeof presets)[number];

/** What a report is compared with: the span just before, or the same weekdays four or 52 weeks earlier. */
export const comparisons = ['previous', 'month', 'year'] as const;
export type Compare = (typeof comparisons)[number];

/** Reads `compare` from a URL; what cannot be read is the span just before. */
export const readCompare = (search: Pick<URLSearchParams, 'get'>): Compare =>
  comparisons.find((one) => one === search.get('compare')) ?? 'previous';

/** A window of time: from ≤ t < to. */
export interface Period {
  readonly preset: Preset | 'custom';
  readonly from: Date;
  readonly to: Date;
}

/** Longest window that can be asked for: retention of audits, with room. */
const maxDays = 1200;

/**
 * Reads `period`, or `from` and `to`, from a URL: dates of Europe/Paris, both included, or two moments (ISO 8601 with a time),
 * from ≤ t < to. What cannot be read is the default.
 * @param now the moment the page is asked for
 */
export function readPeriod(
  search: Pick<URLSearchParams, 'get'>,
  now: Date,
  fallback: Preset = '24h'
): Period {
  const from = DateTime.fromISO(search.get('from') ?? '', { zone });
  const to = DateTime.fromISO(search.get('to') ?? '', { zone });
  const isMoment = (name: string) => search.get(name)?.includes('T') ?? false;
  if (isMoment('from') && isMoment('to') && from.isValid && to.isValid && to.diff(from, 'minutes').minutes >= 1 && to.diff(from, 'days').days <= maxDays)
    return { preset: 'custom', from: from.toJSDate(), to: to.toJSDate() }; // prettier-ignore
  if (from.isValid && to.isValid && from <= to && to.diff(from, 'days').days <= maxDays)
    return {
      preset: 'custom',
      from: from.startOf('day').toJSDate(),
      to: to.startOf('day').plus({ days: 1 }).toJSDate()
    };
  const asked = search.get('period');
  return ofPreset(presets.find((preset) => preset === asked) ?? fallback, now);
}

/** Window of a preset. Whole months and days are those of Europe/Paris; the others end now. */
export function ofPreset(preset: Preset, now: Date): Period {
  const at = DateTime.fromJSDate(now, { zone });
  const until = (from: DateTime, to: DateTime = at) => ({ preset, from: from.toJSDate(), to: to.toJSDate() });
  switch (preset) {
    case 'today':
      return until(at.startOf('day'));
    case '24h':
      return until(at.minus({ hours: 24 }));
    case '7d':
      return until(at.minus({ days: 7 }));
    case '30d':
      return until(at.minus({ days: 30 }));
    case 'month':
      return until(at.startOf('month'));
    case 'last-month':
      return until(at.startOf('month').minus({ months: 1 }), at.startOf('month'));
    case '12m':
      return until(at.minus({ months: 12 }).startOf('day'));
    default:
      return preset satisfies never;
  }
}
