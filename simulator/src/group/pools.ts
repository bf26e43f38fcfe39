import type { Config, SystemKind } from '@vigie/schemas';

export type Tier = 'online' | 'nearline' | 'archive';

/** A storage pool that vigie.yaml has scraped from the simulator's exporters. Bytes; a TB is decimal. */
export interface Pool {
  readonly system: string;
  readonly pool: string;
  readonly mountpoint: string;
  readonly tier: Tier;
  /** Size on the reference day; its operator adds as much whenever it would be full. */
  readonly capacity: number;
  readonly extension: number;
  /** Share in use on the reference day. */
  readonly full: number;
  /** What a day adds, as a share of what the modalities make. */
  readonly growth: number;
}

const TB = 1e12;
type Seed = Pick<Pool, 'capacity' | 'extension' | 'full' | 'growth'>;

/** Sizes by what a system is and what the pool is for. The PACS's nearline pool is the one that fills within two months. */
const seeds: Readonly<Partial<Record<`${SystemKind}-${Tier}`, Seed>>> = {
  'pacs-online': { capacity: 8 * TB, extension: 4 * TB, full: 0.61, growth: 0.02 },
  'pacs-nearline': { capacity: 20 * TB, extension: 4 * TB, full: 0.905, growth: 1 },
  'vna-nearline': { capacity: 60 * TB, extension: 20 * TB, full: 0.57, growth: 1 },
  'archive-archive': { capacity: 90 * TB, extension: 30 * TB, full: 0.47, growth: 1 }
};
const usual: Seed = { capacity: 20 * TB, extension: 10 * TB, full: 0.5, growth: 1 };

export function poolsOf(config: Config): readonly Pool[] {
  const kindOf = (id: string) => config.systems.find((one) => one.id === id)?.kind ?? 'other';
  return config.pulls.flatMap((pull) =>
    pull.kind === 'prometheus'
      ? pull.filesystems.map(({ mountpoint, pool, tier }) => ({
          system: pull.system,
          pool,
          mountpoint,
          tier,
          ...(seeds[`${kindOf(pull.system)}-${tier}`] ?? usual)
        }))
      : []
  );
}
