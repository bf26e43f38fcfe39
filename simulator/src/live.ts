import { setTimeout as sleep } from 'node:timers/promises';
import { Chronicle } from './chronicle.ts';
import type { SimulatorConfig } from './config.ts';
import { planDay, signOfLife } from './plan/day.ts';
import type { Happening, Planned } from './plan/event.ts';
import { holdingsOf } from './plan/holdings.ts';
import { healthAt } from './plan/health.ts';
import { addDays, dayOf } from './plan/paris.ts';
import { World } from './plan/world.ts';
import { insist, isPlayed, playDay, playHistory, type Stage } from './play.ts';
import { Players } from './send/players.ts';
import { serveDicom } from './serve/dicom.ts';
import { serveHttp } from './serve/http.ts';

const everyMs = 1000;
/** Longest time without an audit message: a new user sees that something lives, at night too. */
const quietMs = 15_000;
/** After a longer sleep of the machine what was missed is played as history, checks included. */
const missedMs = 600_000;
const reportMs = 600_000;

export interface LiveOptions {
  readonly say: (line: string) => void;
  readonly ready: (url: string) => void;
  readonly signal: AbortSignal;
}

/** The simulated systems answer at once; then what is missing of the past is played; then the day, in real time, until stopped. */
export async function live(config: SimulatorConfig, { say, ready, signal }: LiveOptions): Promise<void> {
  const world = new World(config.group, config.seed);
  const chronicle = new Chronicle(config.dataFolder, config.seed);
  const health = (system: string) => healthAt(world, system, Date.now());
  const systemOf = new Map(
    config.group.systems.flatMap((system) => system.ae_titles.map((ae) => [ae, system.id] as const))
  );
  const dicom = await serveDicom(
    config.dicomPort,
    (ae) => {
      const system = systemOf.get(ae);
      return system === undefined ? undefined : health(system);
    },
    (ae, day) => holdingsOf(world, systemOf.get(ae) ?? '', day, Date.now())
  );
  try {
    const http = await serveHttp(config.httpPort, world, health, Date.now);
    ready(`http://127.0.0.1:${http.port}`);
    const players = new Players(config.target);
    const stage: Stage = { world, players, chronicle, say, signal };
    try {
      await insist(stage, () => players.json.announce(new Date()));
      await catchUp(stage, config.days);
      await playOn(stage, config.days);
    } finally {
      await Promise.all([players.close(), http.close()]);
    }
  } finally {
    await dicom.close();
  }
}

async function catchUp(stage: Stage, days: number): Promise<void> {
  const started = performance.now();
  let total = 0;
  await playHistory(stage, {
    days,
    now: Date.now(),
    progress: ({ day, days: done, of, messages, seconds }) => {
      total = messages;
      stage.say(
        `played ${day}: day ${done} of ${of}, ${Math.round(messages / Math.max(0.1, seconds))} messages/s`
      );
    }
  });
  if (!stage.signal.aborted && total > 0)
    stage.say(
      `the past is played: ${total} messages in ${Math.round((performance.now() - started) / 1000)} s; now live`
    );
}

/** Each second, what has come due. */
async function playOn(stage: Stage, days: number): Promise<void> {
  const { world, players, chronicle, signal } = stage;
  const plans = new Map<string, readonly Planned[]>();
  const planOf = (day: string, today: string) => {
    const plan = plans.get(day) ?? planDay(world, day, today, { probes: false });
    if (!plans.has(day)) plans.clear();
    plans.set(day, plan);
    return plan;
  };
  let [tickedAt, heardAt, reportedAt, sent] = [Date.now(), 0, Date.now(), 0];
  const hear = (happenings: readonly Happening[]) => {
    if (happenings.some(({ kind }) => kind === 'audit')) heardAt = Date.now();
  };
  while (!signal.aborted) {
    const now = Date.now();
    if (now - tickedAt > missedMs) await catchUp(stage, days);
    tickedAt = now;
    const today = dayOf(now);
    // The evening before is played to its end first.
    for (const day of [addDays(today, -1), today]) {
      if (day < (chronicle.since ?? today) || isPlayed(chronicle, day, now)) continue;
      sent += await playDay(stage, day, planOf(day, today), now, hear);
    }
    if (now - heardAt >= quietMs) {
      await insist(stage, () => players.send([signOfLife(world, now)]));
      heardAt = now;
      sent++;
    }
    if (now - reportedAt >= reportMs) {
      stage.say(`live: ${sent} messages in the last ${Math.round((now - reportedAt) / 60_000)} minutes`);
      [reportedAt, sent] = [now, 0];
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
