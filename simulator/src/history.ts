import type { Happening } from './plan/event.ts';
import { planDay } from './plan/day.ts';
import { addDays, dayOf, midnight } from './plan/paris.ts';
import { census } from './plan/storage.ts';
import type { World } from './plan/world.ts';
import type { Players } from './send/players.ts';
import type { State } from './state.ts';

export interface HistoryOptions {
  readonly days: number;
  readonly now: number;
  /** Told after each day. */
  readonly progress: (done: {
    readonly day: string;
    readonly days: number;
    readonly of: number;
    readonly messages: number;
    readonly seconds: number;
  }) => void;
  readonly save: (state: State) => void;
  readonly stopped: () => boolean;
}

/**
 * Plays the days before now that were not played yet through the real receivers, the newest first, so that every page has
 * something to show at once. The last day is played up to now.
 */
export async function playHistory(
  world: World,
  players: Players,
  state: State,
  options: HistoryOptions
): Promise<State> {
  const today = dayOf(options.now);
  let current = state;
  const save = (next: State) => {
    current = next;
    options.save(next);
  };
  if (!current.census) {
    await players.post('volumes', census(world, midnight(addDays(today, -options.days))));
    save({ ...current, census: true });
  }
  const wanted = Array.from({ length: options.days + 1 }, (_, i) => addDays(today, -i)).filter(
    (day) => !current.days.includes(day)
  );
  const started = performance.now();
  let messages = 0;
  for (const [index, day] of wanted.entries()) {
    if (options.stopped()) return current;
    const happenings = happeningsUntil(world, day, today, current.until, options.now);
    await players.send(happenings);
    messages += happenings.length;
    save(day === today ? { ...current, until: options.now } : { ...current, days: [...current.days, day] });
    options.progress({
      day,
      days: index + 1,
      of: wanted.length,
      messages,
      seconds: (performance.now() - started) / 1000
    });
  }
  return current;
}

/** What of a day is to be played: all of it, or only what came after the last live moment, up to now. */
function happeningsUntil(world: World, day: string, today: string, until: number, now: number): Happening[] {
  const dayIsPartlyPlayed = until >= midnight(day) && until < midnight(addDays(day, 1));
  return planDay(world, day, today, { probes: true }).filter(
    ({ at }) => at <= now && (!dayIsPartlyPlayed || at > until)
  );
}
