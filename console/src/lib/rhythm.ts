/** How long a source usually stays quiet at most, from one hour of the day. */
export interface Rhythm {
  /** Hour of the day in Europe/Paris, 0 to 23. */
  readonly hour: number;
  readonly weekend: boolean;
  /** Longest silence that began in this hour on nine days of ten, seconds. */
  readonly usualSeconds: number;
  /** Days it was learned from. */
  readonly days: number;
}

export type RhythmState =
  { readonly kind: 'learning' } | { readonly kind: 'usual' | 'unusual'; readonly usualMs: number };

/** Days of the same kind below which nothing is said. */
export const daysNeeded = 5;
/** A silence is unusual beyond one and a half times the usual one, and two minutes, since feeds are counted by the minute. */
const [tolerance, grainMs] = [1.5, 120_000] as const;

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Paris',
  hour: '2-digit',
  hourCycle: 'h23',
  weekday: 'short'
});

/** Judges the silence since `lastAt` against those that began at the same hour of the same kind of day. Pure. */
export function judgeSilence(rhythm: readonly Rhythm[], lastAt: Date, now: Date): RhythmState {
  const told = Object.fromEntries(parts.formatToParts(lastAt).map(({ type, value }) => [type, value]));
  const weekend = told['weekday'] === 'Sat' || told['weekday'] === 'Sun';
  const same = rhythm.find((one) => one.hour === Number(told['hour']) && one.weekend === weekend);
  if (same === undefined || same.days < daysNeeded) return { kind: 'learning' };
  const usualMs = same.usualSeconds * 1000;
  const silence = now.getTime() - lastAt.getTime();
  return { kind: silence > usualMs * tolerance + grainMs ? 'unusual' : 'usual', usualMs };
}
