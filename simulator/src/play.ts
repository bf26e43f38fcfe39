import { setTimeout as sleep } from 'node:timers/promises';
import type { Chronicle } from './chronicle.ts';
import { planDay } from './plan/day.ts';
import type { Happening, Planned } from './plan/event.ts';
import { addDays, dayOf, midnight } from './plan/paris.ts';
import { census } from './plan/storage.ts';
import type { World } from './plan/world.ts';
import { AwayError } from './send/away-error.ts';
import type { Players } from './send/players.ts';

/** Happenings made, sent, and then noted as played, at a time. */
const step = 1500;
const sayAgainMs = 30_000;

export interface Stage {
  readonly world: World;
  readonly players: Players;
  readonly chronicle: Chronicle;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Progress {
  readonly day: string;
  /** Days played of those to be played. */
  readonly days: number;
  readonly of: number;
  readonly messages: number;
  readonly seconds: number;
}

/**
 * Plays the days that were not played yet through the real receivers, the newest first, so that every page has something to
 * show at once; the last one up to now. The first time it tells what the pools held before.
 * @param options.days how far back the first time; later everything since then
 */
export async function playHistory(
  stage: Stage,
  options: { readonly days: number; readonly now: number; readonly progress: (done: Progress) => void }
): Promise<void> {
  const { world, players, chronicle } = stage;
  const today = dayOf(options.now);
  if (chronicle.since === undefined) {
    const first = addDays(today, -options.days);
    const held = census(world, midnight(first));
    if (held.length > 0) await insist(stage, () => players.json.records('volumes', held));
    if (stage.signal.aborted) return;
    chronicle.begin(first);
  }
  const wanted: string[] = [];
  for (let day = today; day >= (chronicle.since ?? today); day = addDays(day, -1))
    if (!isPlayed(chronicle, day, options.now)) wanted.push(day);
  const started = performance.now();
  let messages = 0;
  for (const [index, day] of wanted.entries()) {
    messages += await playDay(stage, day, planDay(world, day, today, { probes: true }), options.now);
    if (stage.signal.aborted) return;
    const seconds = (performance.now() - started) / 1000;
    options.progress({ day, days: index + 1, of: wanted.length, messages, seconds });
  }
}

const lastMoment = (day: string, now: number) => Math.min(now, midnight(addDays(day, 1)) - 1);

export const isPlayed = (chronicle: Chronicle, day: string, now: number): boolean =>
  chronicle.playedUntil(day) >= lastMoment(day, now);

/**
 * Sends what of a day was not sent yet, up to now, in order of time, and notes it step by step.
 * @param sentNow told of each step that was taken in
 * @returns the number of messages
 */
export async function playDay(
  stage: Stage,
  day: string,
  plan: readonly Planned[],
  now: number,
  sentNow?: (happenings: readonly Happening[]) => void
): Promise<number> {
  const { chronicle, players, signal } = stage;
  const last = lastMoment(day, now);
  const from = plan.findIndex(({ at }) => at > chronicle.playedUntil(day));
  let next = from < 0 ? plan.length : from;
  let sent = 0;
  while (next < plan.length && (plan[next]?.at ?? 0) <= last) {
    const begin = next;
    next = endOfStep(plan, begin, last);
    const part = plan.slice(begin, next);
    const happenings = part.map(({ make }) => make());
    await insist(stage, () => players.send(happenings));
    if (signal.aborted) return sent;
    sent += part.length;
    sentNow?.(happenings);
    chronicle.advance(day, part.at(-1)?.at ?? 0);
  }
  if (sent > 0 || last < now) chronicle.advance(day, last);
  return sent;
}

/** A step ends between two moments: what happens at one moment stays together, or a later start would leave some out. */
function endOfStep(plan: readonly Planned[], begin: number, last: number): number {
  let end = begin;
  while (end < plan.length) {
    const at = plan[end]?.at ?? 0;
    if (at > last || (end - begin >= step && at !== plan[end - 1]?.at)) return end;
    end++;
  }
  return end;
}

/** Tries again while the collector is away: everything is planned, so nothing is lost by waiting. Returns when aborted. */
export async function insist(stage: Pick<Stage, 'say' | 'signal'>, work: () => Promise<void>): Promise<void> {
  let said = { reason: '', at: 0 };
  for (let pause = 250; !stage.signal.aborted; pause = Math.min(5000, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AwayError)) throw error;
      const now = performance.now();
      if (error.message !== said.reason || now - said.at > sayAgainMs) {
        stage.say(`waiting for the collector: ${error.message}`);
        said = { reason: error.message, at: now };
      }
      await sleep(pause, undefined, { signal: stage.signal }).catch(() => undefined);
    }
  }
}
