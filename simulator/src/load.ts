import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatorConfig } from './config.ts';
import { planDay } from './plan/day.ts';
import type { Happening } from './plan/event.ts';
import { addDays, dayOf } from './plan/paris.ts';
import { World } from './plan/world.ts';
import { Players } from './send/players.ts';
import { octetFrame, syslogMessage } from './write/syslog.ts';

export interface LoadOptions {
  readonly kind: 'audit' | 'hl7' | 'transfers';
  /** Messages a second; 0 for as fast as they are taken. */
  readonly rate: number;
  readonly seconds: number;
  readonly connections: number;
  readonly out: string | undefined;
  readonly progress: (line: string) => void;
}

/** Sends messages of one kind at a rate, over several connections, and tells what was reached. No two are the same. */
export async function load(
  config: SimulatorConfig,
  options: LoadOptions
): Promise<{ sent: number; seconds: number; per_s: number; slowest_ms: number }> {
  const source = stock(new World(config.group, config.seed), options.kind);
  const next = () => source.next().value as Happening;
  if (options.out !== undefined) {
    const frames = Array.from({ length: Math.max(1, options.rate * options.seconds) }, next).map((one) =>
      one.kind === 'audit'
        ? octetFrame(syslogMessage(one.system, one.message))
        : one.kind === 'hl7'
          ? Buffer.from(`\x0b${one.text}\x1c\r`)
          : Buffer.from(`${JSON.stringify(one.record)}\n`)
    );
    writeFileSync(options.out, Buffer.concat(frames));
    return { sent: frames.length, seconds: 0, per_s: 0, slowest_ms: 0 };
  }
  const players = Array.from({ length: options.connections }, () => new Players(config.target));
  const started = performance.now();
  let sent = 0;
  let slowest = 0;
  const elapsed = () => (performance.now() - started) / 1000;
  await Promise.all(
    players.map(async (player) => {
      const share = options.rate / options.connections;
      for (let mine = 0; elapsed() < options.seconds;) {
        const due = options.rate === 0 ? 500 : Math.min(500, Math.floor(elapsed() * share) - mine);
        if (due <= 0) {
          await sleep(10);
          continue;
        }
        const before = performance.now();
        await player.send(Array.from({ length: due }, next));
        slowest = Math.max(slowest, performance.now() - before);
        mine += due;
        sent += due;
        options.progress(`${sent} messages, ${Math.round(sent / elapsed())}/s`);
      }
      await player.close();
    })
  );
  return { sent, seconds: elapsed(), per_s: sent / elapsed(), slowest_ms: slowest };
}

/** Messages of one kind without end: the days before today, one after the other. */
function* stock(world: World, kind: LoadOptions['kind']): Generator<Happening> {
  const today = dayOf(Date.now());
  for (let back = 1; ; back++)
    for (const one of planDay(world, addDays(today, -back), today, { probes: false }))
      if (kind === 'transfers' ? one.kind === 'json' && one.feed === 'transfers' : one.kind === kind)
        yield one;
}
