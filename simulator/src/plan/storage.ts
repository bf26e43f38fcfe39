import { siteShares, mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import type { World } from './world.ts';

/** Pools of the platform. Sizes in bytes; growth follows the group's own volume. */
export interface PoolPlan {
  readonly system: string;
  readonly pool: string;
  readonly mountpoint: string;
  readonly tier: 'online' | 'nearline' | 'archive';
  readonly capacity: number;
  /** Share that is full on the reference day, and what a day adds to it, as a share of the group's daily volume. */
  readonly full: number;
  readonly growth: number;
}

const TB = 1e12;
export const pools: readonly PoolPlan[] = [
  {
    system: 'deepunity',
    pool: 'ON-1',
    mountpoint: '/srv/on-1',
    tier: 'online',
    capacity: 8 * TB,
    full: 0.61,
    growth: 0.02
  },
  {
    system: 'deepunity',
    pool: 'NL-1',
    mountpoint: '/srv/nl-1',
    tier: 'nearline',
    capacity: 12 * TB,
    full: 0.88,
    growth: 1
  },
  {
    system: 'vna',
    pool: 'VNA-1',
    mountpoint: '/srv/vna',
    tier: 'nearline',
    capacity: 60 * TB,
    full: 0.57,
    growth: 1
  },
  {
    system: 'pulsy',
    pool: 'PULSY-A',
    mountpoint: '/srv/archive',
    tier: 'archive',
    capacity: 90 * TB,
    full: 0.47,
    growth: 1
  }
];

/** Day on which `full` holds: the figures move on from there whatever day the simulation is started. */
const reference = Date.parse('2026-11-24T00:00:00Z');

/** Bytes of studies a usual day adds, all sites. */
export function dailyBytes(world: World): number {
  return world.config.sites.reduce((sum, site, index) => {
    const share = siteShares[index]?.weekday ?? 0.3;
    const modalities = new Set(world.modalities(site.id).map((one) => one.modality ?? ''));
    return sum + [...modalities].reduce((bytes, modality) => bytes + (mixes[modality]?.perDay ?? 0) * (mixes[modality]?.megabytes ?? 0) * 1e6 * share, 0);
  }, 0) * 0.82; // prettier-ignore
}

/** Bytes in use at a moment: steady growth, with the small unevenness of real disks. */
export function usedAt(world: World, pool: PoolPlan, at: number): number {
  const days = (at - reference) / 86_400_000;
  const unevenness =
    new Random(world.seed, 'storage', pool.pool, Math.floor(at / 86_400_000)).next() * 0.001 * pool.capacity;
  const used = pool.full * pool.capacity + days * dailyBytes(world) * pool.growth + unevenness;
  // A pool that would overflow is extended by its operator: it stays just below full.
  return Math.round(Math.min(Math.max(used, 0.05 * pool.capacity), 0.985 * pool.capacity));
}

/** Share of each site and modality in what the pools held before the simulation begins: a census, for cost by site. */
export function census(world: World, at: number): Record<string, unknown>[] {
  return pools.flatMap((pool) => {
    const total = usedAt(world, pool, at);
    const weights = world.config.sites.flatMap((site, index) => {
      const modalities = [...new Set(world.modalities(site.id).map((one) => one.modality ?? ''))];
      // A site that is not live yet brought its old archive along only in part.
      const share =
        (siteShares[index]?.weekday ?? 0.3) *
        (world.isLive(site.id, new Date(at).toISOString().slice(0, 10)) ? 1 : 0.35);
      return modalities.map((modality) => ({
        site: site.id,
        modality,
        weight: share * (mixes[modality]?.perDay ?? 0) * (mixes[modality]?.megabytes ?? 0)
      }));
    });
    const sum = weights.reduce((all, one) => all + one.weight, 0);
    return weights.map(({ site, modality, weight }) => {
      const bytes = Math.round((total * weight) / sum);
      const mix = mixes[modality];
      const instances = mix
        ? Math.min(2_000_000_000, Math.round((bytes / (mix.megabytes * 1e6)) * mix.images))
        : 0;
      return {
        id: `census-${pool.pool}-${site}-${modality}`,
        occurred_at: new Date(at).toISOString(),
        system: pool.system,
        pool: pool.pool,
        tier: pool.tier,
        site,
        modality,
        bytes,
        instances,
        reason: 'census'
      };
    });
  });
}
