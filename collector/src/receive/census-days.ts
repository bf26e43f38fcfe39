/** Day → when it was asked last, ms since 1970. */
export type Asked = Readonly<Record<string, number>>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Studies of the last days still arrive, are corrected and copied: the older a day, the more rarely it is asked. */
function dueAfter(age: number): number {
  if (age <= 1) return 0;
  return age <= 7 ? hourMs : dayMs;
}

const paris = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' });

/**
 * Days to ask in this turn, the newest first, and days that have left the window. Pure.
 * @param days length of the window, today of Europe/Paris included
 */
export function daysToAsk(days: number, asked: Asked, now: number): { due: string[]; over: string[] } {
  const today = Date.parse(`${paris.format(now)}T12:00:00Z`);
  const window = Array.from({ length: days }, (_, age) =>
    new Date(today - age * dayMs).toISOString().slice(0, 10)
  );
  // A little early rather than a turn late: turns are not exactly as long as told.
  const due = window.filter((day, age) => now - (asked[day] ?? -Infinity) >= dueAfter(age) * 0.95);
  const inside = new Set(window);
  return { due, over: Object.keys(asked).filter((day) => !inside.has(day)) };
}
