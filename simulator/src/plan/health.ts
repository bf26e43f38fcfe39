import { Random } from '../random.ts';
import { dayOf, midnight } from './paris.ts';
import type { World } from './world.ts';

export type Health = 'up' | 'down' | 'slow';

const minute = 60_000;

export const healthAt = (world: World, system: string, at: number): Health =>
  world.outage(system, at)?.kind ?? 'up';

/** The room that falls silent this morning: the last MR, else the last room, of the largest site. */
export function isSilent(world: World, room: string, at: number, today: string): boolean {
  const { rooms } = world.main;
  const silent = rooms.findLast((one) => one.modality === 'MR') ?? rooms.at(-1);
  if (silent?.id !== room || dayOf(at) !== today) return false;
  return at >= midnight(today) + new Random(world.seed, 'silent', today).whole(8, 10) * 60 * minute;
}
