import type { Config, ReadingPartner, Site, System } from '@vigie/schemas';
import { staffOf, teleradiologists, type Job, type Person } from '../group/people.ts';
import { platformOf, type Platform } from '../group/platform.ts';
import { poolsOf, type Pool } from '../group/pools.ts';
import type { Random } from '../random.ts';
import { openingOf, type Opening } from './opening.ts';
import { outagesOf, type Outage } from './outages.ts';
import { addDays, dayOf } from './paris.ts';
import { remember } from './remember.ts';

/** A site as the plan sees it. */
export interface Place {
  readonly site: Site;
  /** Name by which systems call it: AuditEnterpriseSiteID, MSH-4. */
  readonly facility: string;
  readonly rooms: readonly System[];
  /** Its activity by room, and its staff, against the largest site's. */
  readonly share: number;
  /** Share of its planned hours' exams that are emergencies. */
  readonly emergencies: number;
}

const shares = [1, 0.88, 0.6, 0.5];
const emergencies = [0.28, 0.08, 0.2];
/** The group as the plan knows it: configuration, people, seed. Everything asked of it depends on these alone. */
export class World {
  readonly config: Config;
  readonly seed: number;
  readonly platform: Platform;
  readonly pools: readonly Pool[];
  /** Largest first: the first one has night duty and reads for the others. */
  readonly places: readonly Place[];
  /** Who reads from outside the group, if anyone is declared. */
  readonly partner: ReadingPartner | undefined;
  readonly teleradiologists: readonly Person[];
  readonly #staff: Map<string, readonly Person[]>;
  readonly #outages = new Map<string, readonly Outage[]>();
  readonly #near = new Map<string, readonly Outage[]>();
  readonly #openings = new Map<string, Opening>();

  /** @throws {Error} when the group has no PACS, no RIS or no modality */
  constructor(config: Config, seed: number) {
    this.config = config;
    this.seed = seed;
    this.platform = platformOf(config);
    this.pools = poolsOf(config);
    const rooms = (site: Site) =>
      config.systems.filter(
        ({ kind, site: at, ae_titles }) => kind === 'modality' && at === site.id && ae_titles.length > 0
      );
    this.places = config.sites
      .map((site) => ({ site, rooms: rooms(site) }))
      .toSorted((a, b) => b.rooms.length - a.rooms.length)
      .map(({ site, rooms: own }, i) => ({
        site,
        facility: site.aliases[0] ?? site.id,
        rooms: own,
        share: shares[i] ?? 0.4,
        emergencies: emergencies[i] ?? 0.1
      }));
    if (this.main.rooms.length === 0)
      throw new Error(
        'The simulator plays modalities: declare systems of kind modality with a site and an AE title in vigie.yaml, or set "simulator: { enabled: false }".'
      );
    this.#staff = staffOf(this.places, seed);
    [this.partner] = config.reading_partners;
    this.teleradiologists = this.partner ? teleradiologists(this.partner.id, seed) : [];
  }

  get main(): Place {
    const [first] = this.places;
    if (!first) throw new Error('a group has at least one site');
    return first;
  }

  place(site: string): Place {
    return this.places.find((one) => one.site.id === site) ?? this.main;
  }

  staff(site: string): readonly Person[] {
    return this.#staff.get(site) ?? [];
  }

  person(site: string, job: Job, random: Random): Person {
    return random.pick(this.staff(site).filter((one) => one.job === job));
  }

  /** A site that is not live yet sends nothing. */
  isLive({ site }: Place, day: string): boolean {
    return site.live_on === undefined || day >= site.live_on;
  }

  opening({ site }: Place, day: string): Opening {
    return remember(this.#openings, `${site.id} ${day}`, 400, () =>
      openingOf(site, this.config.calendars, day)
    );
  }

  /** What a system cannot do at a moment, if anything. */
  outage(system: string, at: number): Outage | undefined {
    // An outage of the evening before may go on past midnight.
    const near = remember(this.#near, dayOf(at), 100, (day) => [
      ...this.outages(day),
      ...this.outages(addDays(day, -1))
    ]);
    return near.find((one) => one.system === system && one.from <= at && at < one.to);
  }

  outages(day: string): readonly Outage[] {
    return remember(this.#outages, day, 100, () => outagesOf(this, day));
  }

  /** The same moment, or the end of the outage that it falls in. Order is kept. */
  whenUp(system: string, at: number): number {
    const outage = this.outage(system, at);
    return outage?.kind === 'down' ? outage.to : at;
  }
}
