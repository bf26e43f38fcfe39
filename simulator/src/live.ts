import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatorConfig } from './config.ts';
import { playHistory } from './history.ts';
import { planDay, pulse } from './plan/day.ts';
import type { Happening } from './plan/event.ts';
import { stateAt } from './plan/outages.ts';
import { dayOf } from './plan/paris.ts';
import { World } from './plan/world.ts';
import { announce } from './send/json.ts';
import { Players } from './send/players.ts';
import { serveDicom } from './serve/dicom.ts';
import { serveHttp } from './serve/http.ts';
import { readState, writeState, type State } from './state.ts';

const everyMs = 2000;

export interface LiveOptions {
  readonly say: (line: string) => void;
  readonly ready: (url: string) => void;
  readonly stopped: () => boolean;
}

/** Plays what is missing of the past, then lives in real time until it is stopped. */
export async function live(config: SimulatorConfig, options: LiveOptions): Promise<void> {
  const world = new World(config.group, config.seed);
  const systemOf = new Map(
    config.group.systems.flatMap((system) => system.ae_titles.map((ae) => [ae, system.id] as const))
  );
  const dicom = await serveDicom(config.dicomPort, (ae) => {
    const system = systemOf.get(ae);
    return system === undefined ? undefined : stateAt(config.seed, system, Date.now());
  });
  const http = await serveHttp(
    config.httpPort,
    world,
    (system) => stateAt(config.seed, system, Date.now()),
    Date.now
  );
  options.ready(`http://127.0.0.1:${http.port}`);
  const players = new Players(config.target);
  let state = readState(config.dataFolder, config.seed);
  const save = (next: State) => writeState(config.dataFolder, (state = next));
  try {
    await untilDone(
      () => announce(config.target.collectorUrl, config.target.key, 'opened', new Date()),
      options
    );
    await untilDone(async () => {
      state = await playHistory(world, players, state, {
        days: config.days,
        now: Date.now(),
        progress: ({ day, days, of, messages, seconds }) =>
          options.say(
            `played ${day}: day ${days} of ${of}, ${messages} messages, ${Math.round(messages / Math.max(1, seconds))}/s`
          ),
        save,
        stopped: options.stopped
      });
    }, options);
    await liveOn(world, players, state, save, options);
  } finally {
    await players.close();
    await Promise.all([dicom.close(), http.close()]);
  }
}

async function liveOn(
  world: World,
  players: Players,
  from: State,
  save: (state: State) => void,
  options: LiveOptions
): Promise<void> {
  let state = from;
  let planned: { day: string; list: Happening[] } | undefined;
  while (!options.stopped()) {
    const now = Date.now();
    const today = dayOf(now);
    if (planned?.day !== today) {
      // The evening before is played to its end first.
      const yesterday = planned?.list.filter(({ at }) => at > state.until) ?? [];
      planned = { day: today, list: [...yesterday, ...planDay(world, today, today, { probes: false })] };
      if (yesterday.length > 0) save((state = { ...state, days: [...state.days, dayOf(state.until)] }));
    }
    const due = [
      ...planned.list.filter(({ at }) => at > state.until && at <= now),
      ...pulse(Math.max(state.until, now - 60_000), now)
    ];
    await untilDone(() => players.send(due), options);
    save((state = { ...state, until: now }));
    await sleep(everyMs);
  }
}

/** Tries again while the collector is away: everything is planned, so nothing is lost by waiting. */
async function untilDone(work: () => Promise<void>, options: LiveOptions): Promise<void> {
  for (let pause = 500; ; pause = Math.min(10_000, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (options.stopped()) return;
      options.say(`waiting for the collector: ${error instanceof Error ? error.message : String(error)}`);
      await sleep(pause);
    }
  }
}
