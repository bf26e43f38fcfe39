import type { Config, System } from '@vigie/schemas';
import { staffOf, type Job, type Person } from '../group/people.ts';
import type { Random } from '../random.ts';

/** The group as the plan knows it: configuration, people, seed. */
export class World {
  readonly config: Config;
  readonly seed: number;
  readonly #staff: Map<string, Person[]>;
  readonly #modalities: Map<string, System[]>;

  constructor(config: Config, seed: number) {
    this.config = config;
    this.seed = seed;
    this.#staff = staffOf(config, seed);
    this.#modalities = new Map();
    for (const system of config.systems) {
      if (system.kind !== 'modality' || system.site === undefined) continue;
      this.#modalities.set(system.site, [...(this.#modalities.get(system.site) ?? []), system]);
    }
  }

  modalities(site: string): readonly System[] {
    return this.#modalities.get(site) ?? [];
  }

  person(site: string, job: Job, random: Random): Person {
    const all = this.#staff.get(site) ?? [];
    return random.pick(all.filter((one) => one.job === job));
  }

  everyone(site: string): readonly Person[] {
    return this.#staff.get(site) ?? [];
  }

  /** A site that is not live yet sends nothing. */
  isLive(site: string, day: string): boolean {
    const liveOn = this.config.sites.find((one) => one.id === site)?.live_on;
    return liveOn === undefined || day >= liveOn;
  }
}
