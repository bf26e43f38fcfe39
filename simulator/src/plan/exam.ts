import type { System } from '@vigie/schemas';
import { mixes, siteShares } from '../group/mix.ts';
import { patientFor, type Patient, type Person } from '../group/people.ts';
import { Random } from '../random.ts';
import { addDays, clock, dayOf, isRestDay } from './paris.ts';
import type { World } from './world.ts';

/** One exam from order to report; times are ms since 1970, each after its cause. */
export interface Exam {
  readonly site: string;
  readonly modality: string;
  readonly station: System;
  /** AE title under which the station calls: for its first days a new site's may be one nobody declared. */
  readonly callingAe: string;
  readonly accession: string;
  readonly study: string;
  readonly patient: Patient;
  readonly patientClass: 'E' | 'I' | 'O';
  readonly priority: 'S' | 'A' | 'R';
  readonly procedure: readonly [string, string];
  readonly prescriber: Person;
  readonly technologist: Person;
  readonly reader: Person;
  readonly images: number;
  readonly bytes: number;
  readonly cancelled: boolean;
  readonly orderedAt: number;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly availableAt: number;
  readonly openedAt: number;
  readonly draftedAt: number | undefined;
  readonly signedAt: number;
}

const minute = 60_000;

/** Exams of one day, all sites. Deterministic by seed and day. */
export function examsOf(world: World, day: string): Exam[] {
  return world.config.sites.flatMap((site, index) =>
    world.isLive(site.id, day) ? examsOfSite(world, day, site.id, index) : []
  );
}

function examsOfSite(world: World, day: string, site: string, index: number): Exam[] {
  const share = siteShares[index] ?? { weekday: 0.3, weekend: 0.05, emergency: 0.1 };
  const rest = isRestDay(day);
  const random = new Random(world.seed, 'exams', day, site);
  const byModality = Map.groupBy(world.modalities(site), (system) => system.modality ?? '');
  const exams: Exam[] = [];
  for (const [modality, stations] of byModality) {
    const mix = mixes[modality];
    if (!mix) continue;
    const expected = mix.perDay * share.weekday * (rest ? share.weekend : 1) * (0.9 + 0.2 * random.next());
    const count = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    for (let i = 0; i < count; i++)
      exams.push(
        exam(world, day, site, modality, stations, exams.length, { rest, emergency: share.emergency })
      );
  }
  return exams;
}

function exam(
  world: World,
  day: string,
  site: string,
  modality: string,
  stations: readonly System[],
  number: number,
  context: { rest: boolean; emergency: number }
): Exam {
  const random = new Random(world.seed, 'exam', day, site, number);
  const mix = mixes[modality];
  if (!mix) throw new Error(`no mix for ${modality}`);
  const emergency = context.rest || random.chance(context.emergency);
  const patientClass = emergency ? 'E' : random.chance(0.3) ? 'I' : 'O';
  const startedAt = clock(day, startMinute(random, emergency));
  const length = Math.max(2, random.around(mix.minutes, 0.25)) * minute;
  const endedAt = startedAt + Math.round(length);
  const availableAt = endedAt + Math.round(random.around(4, 0.6) * minute);
  const scheduledAt = startedAt - random.whole(8, 30) * minute;
  const orderedAt =
    patientClass === 'O'
      ? clock(addDays(day, -random.whole(1, 6)), random.whole(8 * 60, 18 * 60))
      : scheduledAt - random.whole(15, emergency ? 60 : 300) * minute;
  const readingSite = readerSite(world, site, startedAt, random);
  const openedAt = nextReading(
    availableAt + Math.round(random.around(emergency ? 18 : 70, 0.7) * minute),
    emergency
  );
  const signedAt =
    openedAt +
    Math.round(random.around(emergency ? 9 : 16, 0.5) * minute) +
    (random.chance(0.35) ? Math.round(random.around(150, 0.8) * minute) : 0);
  const station = random.pick(stations);
  const newcomer = world.config.sites.find((one) => one.id === site)?.live_on;
  const unmapped =
    newcomer !== undefined && day <= addDays(newcomer, 2) && modality === 'DX' && random.chance(0.5);
  const images = Math.max(1, Math.round(random.around(mix.images, 0.35)));
  return {
    site,
    modality,
    station,
    callingAe: unmapped ? `${(station.ae_titles[0] ?? 'X').slice(0, 13)}OLD` : (station.ae_titles[0] ?? ''),
    accession: `${site.slice(0, 1).toUpperCase()}${day.slice(2).replaceAll('-', '')}${String(number).padStart(4, '0')}`,
    study: `1.2.250.1.999.7.${day.replaceAll('-', '')}.${world.config.sites.findIndex((one) => one.id === site) + 1}.${number + 1}`,
    patient: patientFor(world.seed, random),
    patientClass,
    priority: emergency ? (random.chance(0.4) ? 'S' : 'A') : 'R',
    procedure: random.pick(mix.procedures),
    prescriber: world.person(site, emergency ? 'urgentiste' : 'clinicien', random),
    technologist: world.person(site, 'manipulateur', random),
    reader: world.person(readingSite, 'radiologue', random),
    images,
    bytes: Math.round(mix.megabytes * 1e6 * random.around(1, 0.35)),
    cancelled: !emergency && random.chance(0.03),
    orderedAt,
    scheduledAt,
    startedAt,
    endedAt,
    availableAt,
    openedAt,
    draftedAt: random.chance(0.6) ? openedAt + Math.round((signedAt - openedAt) * 0.55) : undefined,
    signedAt
  };
}

/** Opening hours for planned exams; around the clock for emergencies, busier by day. */
function startMinute(random: Random, emergency: boolean): number {
  if (emergency && random.chance(0.45)) return random.whole(0, 24 * 60 - 1);
  return random.chance(0.55)
    ? random.whole(7 * 60 + 40, 12 * 60 + 20)
    : random.whole(13 * 60 + 10, 18 * 60 + 30);
}

/** Small sites have part of their exams read elsewhere; at night the largest site reads for all. */
function readerSite(world: World, site: string, at: number, random: Random): string {
  const sites = world.config.sites.map((one) => one.id);
  const main = sites[0] ?? site;
  const hour = new Date(at + 3_600_000).getUTCHours();
  if (hour < 7 || hour >= 20) return main;
  const index = sites.indexOf(site);
  if (index === 2)
    return random.weighted([
      [main, 45],
      [sites[1] ?? main, 12],
      [site, 43]
    ]);
  if (index === 1) return random.chance(0.08) ? main : site;
  return site;
}

/** Routine reports wait for the morning. */
function nextReading(at: number, emergency: boolean): number {
  if (emergency) return at;
  const day = dayOf(at);
  const [opens, closes] = [clock(day, 7 * 60 + 45), clock(day, 20 * 60)];
  if (at < opens) return opens + (at % (50 * minute));
  if (at <= closes) return at;
  return clock(addDays(day, 1), 7 * 60 + 45) + (at % (80 * minute));
}
