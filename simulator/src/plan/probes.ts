import { Random } from '../random.ts';
import type { Tell } from './event.ts';
import { addDays, midnight } from './paris.ts';
import { json } from './storage.ts';
import type { World } from './world.ts';

const everyMs = 5 * 60_000;

/**
 * Checks of a day that has passed, one each five minutes (a slice of the objectives), as another monitor would have made them.
 * In live mode the collector makes them itself, of the simulated systems.
 */
export function tellProbes(world: World, day: string, tell: Tell): void {
  const [begin, end] = [midnight(day), midnight(addDays(day, 1))];
  for (const { id: probe, system, kind } of world.config.probes) {
    const random = new Random(world.seed, 'probe', day, probe);
    for (let at = begin; at < end; at += everyMs) {
      const checkedAt = at + random.whole(0, 40_000);
      const latency = Math.round(random.around(kind === 'c-echo' ? 12 : 45, 0.4));
      tell(checkedAt, () => {
        const health = world.outage(system, checkedAt)?.kind ?? 'up';
        const down = { success: false, detail: kind === 'c-echo' ? 'aborted' : 'bad-status' };
        const slow = health === 'slow' ? 1800 : 0;
        const answered = { success: true, latency_ms: latency + slow, detail: 'ok' };
        return json('probes', checkedAt, { probe, system, kind, ...(health === 'down' ? down : answered) });
      });
    }
  }
}
