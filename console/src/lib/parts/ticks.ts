import { DateTime, type DurationLike } from 'luxon';

const steps: readonly (readonly [DurationLike, 'hour' | 'day' | 'month'])[] = [
  [{ hours: 1 }, 'hour'],
  [{ hours: 3 }, 'hour'],
  [{ hours: 6 }, 'hour'],
  [{ days: 1 }, 'day'],
  [{ days: 2 }, 'day'],
  [{ days: 5 }, 'day'],
  [{ months: 1 }, 'month'],
  [{ months: 3 }, 'month']
];

export interface Tick {
  readonly at: Date;
  readonly unit: 'hour' | 'day' | 'month';
}

/** At most `most` round moments of Europe/Paris within from ≤ t < to, for the foot of a picture. Pure. */
export function ticks(from: Date, to: Date, most = 9): Tick[] {
  const zone = 'Europe/Paris';
  let found: Tick[] = [];
  for (const [step, unit] of steps) {
    found = [];
    const start = DateTime.fromJSDate(from, { zone }).startOf(unit === 'month' ? 'month' : 'day');
    for (let n = 0; n < 5000; n++) {
      const scaled = Object.fromEntries(Object.entries(step).map(([name, value]) => [name, value * n]));
      const at = start.plus(scaled);
      if (at.toMillis() >= to.getTime() || found.length > most) break;
      if (at.toMillis() >= from.getTime()) found.push({ at: at.toJSDate(), unit });
    }
    if (found.length <= most) return found;
  }
  return found.slice(0, most);
}
