import { mixes } from '../group/mix.ts';
import type { Pool } from '../group/pools.ts';
import { Random } from '../random.ts';
import type { Happening, Tell } from './event.ts';
import { examsOf } from './exam.ts';
import { addDays, clock, dayOf } from './paris.ts';
import { arrival } from './attempts.ts';
import type { World } from './world.ts';

/** Day on which a pool's fullness holds; figures move on from there, whatever day the simulation is started. */
const reference = Date.parse('2026-11-24T00:00:00Z');
const dayMs = 86_400_000;
/** Share of a week's bytes by day, Sunday first; and of a day's until each hour, which follows the opening hours. */
const week = [0.04, 0.185, 0.185, 0.185, 0.18, 0.18, 0.045];
/** The log-normal's mean over its median. */
const overMedian = 1.063;
/** Fuller than this, a pool gets more disks. */
const fullest = 0.96;
/** What is taken out of an online pool each night, of what came the day before. */
const evicted = 0.98;

/** Bytes that a week adds, all sites live. */
function weeklyBytes(world: World): number {
  return world.places.reduce((sum, { rooms, share }) => {
    const daily = rooms.reduce((bytes, room) => {
      const mix = mixes[room.modality ?? ''];
      return bytes + (mix ? mix.perRoom * share * mix.megabytes * 1e6 * overMedian : 0);
    }, 0);
    return sum + daily * 5.6;
  }, 0);
}

/** Weeks from the reference day, as the bytes of a week go: fast on working days. 2026-11-24 is a Tuesday. */
function weeksSince(at: number): number {
  const days = (at - reference) / dayMs;
  const whole = Math.floor(days);
  const weeks = Math.floor((whole + 2) / 7);
  const weekdayNow = (((whole + 2) % 7) + 7) % 7;
  const hour = (days - whole) * 24;
  const done = week.slice(0, weekdayNow).reduce((sum, part) => sum + part, 0);
  return weeks + done + (week[weekdayNow] ?? 0) * Math.min(1, Math.max(0, (hour - 6) / 14)) - 0.225;
}

/** Bytes in use and in all, of a pool at a moment: growth by the week, with the small unevenness of real disks. */
export function stateOf(
  world: World,
  pool: Pool,
  at: number
): { readonly used: number; readonly capacity: number } {
  const uneven = new Random(world.seed, 'storage', pool.pool, Math.floor(at / dayMs)).next() * 0.0004;
  const grown = weeksSince(at) * weeklyBytes(world) * pool.growth;
  const used = Math.round(Math.max(0.05, pool.full + uneven) * pool.capacity + grown);
  const kept = Math.max(Math.round(0.05 * pool.capacity), used);
  const extensions = Math.max(0, Math.ceil((kept / fullest - pool.capacity) / pool.extension));
  return { used: kept, capacity: pool.capacity + extensions * pool.extension };
}

/** Four times a day, how full the pools are. In live mode the collector asks the exporters as well; the values are the same. */
export function tellStorage(world: World, day: string, tell: Tell): void {
  for (const pool of world.pools)
    for (let i = 0; i < 4; i++) {
      const at = clock(day, i * 360 + 7);
      tell(at, () => {
        const { used, capacity } = stateOf(world, pool, at);
        const { system, pool: name, tier } = pool;
        return json('storage', at, { system, pool: name, tier, capacity_bytes: capacity, used_bytes: used });
      });
    }
}

/** Each night the PACS takes out of its fast disks what has grown old: about as much as the day before brought, by site and modality. */
export function tellEviction(world: World, day: string, tell: Tell): void {
  const at = clock(day, 150);
  for (const pool of world.pools.filter(
    ({ system, tier }) => tier === 'online' && system === world.platform.pacs.system
  )) {
    const arrived = examsOf(world, addDays(day, -1)).filter(
      (exam) => !exam.cancelled && arrival(exam.toPacs) !== undefined
    );
    for (const [key, exams] of Map.groupBy(arrived, (exam) => `${exam.place.site.id} ${exam.modality}`)) {
      const [site, modality] = key.split(' ');
      const sum = (of: 'bytes' | 'images') =>
        Math.round(evicted * exams.reduce((all, exam) => all + exam[of], 0));
      tell(at, () =>
        json('volumes', at, {
          system: pool.system,
          pool: pool.pool,
          tier: pool.tier,
          site,
          modality,
          bytes: -sum('bytes'),
          instances: -sum('images'),
          reason: 'deleted'
        })
      );
    }
  }
}

/** Share of each site and modality in what the pools held before the simulation begins: a census, for cost by site. */
export function census(world: World, at: number): Record<string, unknown>[] {
  const weights = world.places.flatMap((place) =>
    place.rooms.flatMap((room) => {
      const mix = mixes[room.modality ?? ''];
      // A site that is not live yet brought its old archive along only in part.
      const brought = world.isLive(place, dayOf(at)) ? 1 : 0.35;
      return mix
        ? [
            {
              site: place.site.id,
              modality: room.modality ?? '',
              mix,
              weight: brought * place.share * mix.perRoom * mix.megabytes
            }
          ]
        : [];
    })
  );
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const rooms = [...Map.groupBy(weights, ({ site, modality }) => `${site} ${modality}`).values()];
  return world.pools.flatMap((pool) =>
    rooms.flatMap((same) => {
      const [first] = same;
      if (!first) return [];
      const weight = same.reduce((sum, one) => sum + one.weight, 0);
      const bytes = Math.round((stateOf(world, pool, at).used * weight) / total);
      const instances = Math.round((bytes / (first.mix.megabytes * 1e6)) * first.mix.images);
      return {
        id: `census-${pool.pool}-${first.site}-${first.modality}`,
        occurred_at: new Date(at).toISOString(),
        system: pool.system,
        pool: pool.pool,
        tier: pool.tier,
        site: first.site,
        modality: first.modality,
        bytes,
        instances: Math.min(2_000_000_000, instances),
        reason: 'census'
      };
    })
  );
}

/** A record of one of the JSON inputs. */
export function json(
  feed: Extract<Happening, { kind: 'json' }>['feed'],
  at: number,
  record: Readonly<Record<string, unknown>>
): Happening {
  return { at, kind: 'json', feed, record: { occurred_at: new Date(at).toISOString(), ...record } };
}
