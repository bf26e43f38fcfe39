import type { System } from '@vigie/schemas';
import { mixes } from '../group/mix.ts';
import { patientOf, somePatient, type Patient } from '../group/patients.ts';
import type { Person } from '../group/people.ts';
import { Random } from '../random.ts';
import { additionOf, appointmentOf, elsewhereOf, type Appointment, type Elsewhere } from './appointment.ts';
import { arrival, attempts, type Attempt } from './attempts.ts';
import { isOpen } from './opening.ts';
import { addDays, clock, dayOf, midnight, minuteOf } from './paris.ts';
import { remember } from './remember.ts';
import { timetable, type Slot } from './timetable.ts';
import type { Place, World } from './world.ts';

/** One exam from order to report; times are ms since 1970, each after its cause. */
export interface Exam {
  readonly place: Place;
  readonly modality: string;
  readonly room: System;
  /** AE title under which the room calls: for its first days a new site's may be one nobody declared. */
  readonly callingAe: string;
  readonly accession: string;
  readonly study: string;
  readonly patient: Patient;
  readonly patientClass: 'E' | 'I' | 'O';
  readonly priority: 'S' | 'A' | 'R';
  readonly procedure: readonly [code: string, label: string];
  readonly secretary: Person;
  readonly prescriber: Person;
  readonly technologist: Person;
  readonly reader: Person;
  readonly images: number;
  readonly bytes: number;
  /** Planned and not made: cancelled, or nobody came. */
  readonly cancelled: boolean;
  readonly appointment: Appointment;
  /** Number of the patient's visit: two exams in a row may be of one. */
  readonly visit: string;
  /** Billed acts (CCAM). */
  readonly acts: readonly string[];
  readonly elsewhere: Elsewhere | undefined;
  readonly orderedAt: number;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly toPacs: readonly Attempt[];
  /** When the PACS has it; undefined when it never arrives. Nothing is read then. */
  readonly reading:
    | {
        readonly availableAt: number;
        readonly openedAt: number;
        readonly draftedAt: number | undefined;
        readonly signedAt: number;
        readonly addition: ReturnType<typeof additionOf>;
      }
    | undefined;
}

const minute = 60_000;
/** Days after which a report is no longer waited for: departments that never open. */
const longestClosure = 5;

/** Days whose exams are remembered: one day's plan looks this far around it. */
const remembered = 16;
const known = new WeakMap<World, Map<string, readonly Exam[]>>();

/** Exams that begin on a day, all sites. Deterministic by seed and day; made once while days around it are asked for. */
export function examsOf(world: World, day: string): readonly Exam[] {
  const days = known.get(world) ?? new Map<string, readonly Exam[]>();
  known.set(world, days);
  return remember(days, day, remembered, () =>
    world.places.flatMap((place, site) =>
      world.isLive(place, day)
        ? timetable(world, place, day).map((slot, i) =>
            examOf(world, place, day, slot, { site, number: i + 1 })
          )
        : []
    )
  );
}

function examOf(
  world: World,
  place: Place,
  day: string,
  slot: Slot,
  { site, number }: { readonly site: number; readonly number: number }
): Exam {
  const { room, startedAt, endedAt, duty } = slot;
  const random = new Random(world.seed, 'exam', day, place.site.id, number);
  const modality = room.modality ?? '';
  const mix = mixes[modality];
  if (!mix) throw new Error(`no mix for ${modality}`);
  const emergency = duty || random.chance(place.emergencies);
  const patientClass = emergency ? 'E' : random.chance(0.3) ? 'I' : 'O';
  const id = place.site.id;
  const compact = day.replaceAll('-', '');
  const strange = isStrange(place, day, modality, random);
  const ae = room.ae_titles[0] ?? '';
  const sentAt = endedAt + Math.round(random.around(4, 0.6) * minute);
  const toPacs = attempts(world, world.platform.pacs.system, sentAt, random, {
    chance: 0.011,
    archive: false,
    strange: strange && day === place.site.live_on
  });
  const readBy = readerSite(world, place, startedAt, random);
  const reader = world.person(readBy.site.id, 'radiologue', random);
  const order = orderOf(place, day, startedAt, patientClass, random);
  const extra = new Random(world.seed, 'visit', day, id, number);
  const cancelled = !emergency && random.chance(patientClass === 'O' ? 0.085 : 0.03);
  const first = visitOf(world, day, id, number);
  const times = { scheduledAt: order.scheduledAt, startedAt };
  const appointment = appointmentOf({ outpatient: patientClass === 'O', ...times }, extra);
  const elsewhere = cancelled
    ? undefined
    : elsewhereOf({ modality, rank: site, ...times }, world.partner, world.teleradiologists, extra);
  return {
    place,
    modality,
    room,
    callingAe: strange ? `${ae.slice(0, 13)}OLD` : ae,
    accession: `A${site + 1}${compact.slice(2)}${String(number).padStart(4, '0')}`,
    study: `1.2.250.1.999.7.${compact}.${site + 1}.${number}`,
    patient: patientOfVisit(world, day, id, first),
    visit: `V${site + 1}${compact.slice(2)}${String(first).padStart(4, '0')}`,
    acts: [mix.act, ...((modality === 'CT' || modality === 'MR') && extra.chance(0.12) ? ['YYYY600'] : [])],
    appointment,
    elsewhere,
    patientClass,
    priority: emergency ? (random.chance(0.4) ? 'S' : 'A') : 'R',
    procedure: random.pick(mix.procedures),
    secretary: world.person(id, 'secrétaire', random),
    prescriber: world.person(id, emergency ? 'urgentiste' : 'clinicien', random),
    technologist: world.person(id, 'manipulateur', random),
    reader: elsewhere?.refusal === '' ? elsewhere.reader : reader,
    images: Math.max(1, Math.round(random.around(mix.images, 0.35))),
    bytes: Math.round(mix.megabytes * 1e6 * random.around(1, 0.35)),
    cancelled,
    ...order,
    startedAt,
    endedAt,
    toPacs,
    reading: readingOf(world, arrival(toPacs), emergency, random)
  };
}

/** One exam in nine is made in the same visit as the one before it. */
function visitOf(world: World, day: string, site: string, number: number): number {
  const follows = number > 1 && new Random(world.seed, 'follows', day, site, number).chance(0.11);
  return follows ? number - 1 : number;
}

/** Whose visit it is: now and then one of the staff's. */
function patientOfVisit(world: World, day: string, site: string, visit: number): Patient {
  const random = new Random(world.seed, 'patient of', day, site, visit);
  return random.chance(0.008)
    ? patientOf(world.seed, random.pick(world.staff(site)))
    : somePatient(world.seed, random);
}

/** For its first three days half of a new site's X-ray rooms call by a title that nobody declared. */
function isStrange({ site }: Place, day: string, modality: string, random: Random): boolean {
  const news = random.chance(0.5);
  return news && modality === 'DX' && site.live_on !== undefined && day <= addDays(site.live_on, 2);
}

/** Outpatients come days after the order; the others within hours. A site orders nothing before it is live. */
function orderOf(
  { site }: Place,
  day: string,
  startedAt: number,
  patientClass: Exam['patientClass'],
  random: Random
): Pick<Exam, 'orderedAt' | 'scheduledAt'> {
  const days = random.whole(1, 6);
  const atOffice = random.whole(8 * 60, 18 * 60);
  const before = random.whole(25, patientClass === 'E' ? 90 : 400) * minute;
  const answer = random.whole(2, 90) * minute;
  const waits = patientClass === 'O';
  const orderedAt = waits ? clock(addDays(day, -days), atOffice) : startedAt - before;
  const scheduledAt = waits
    ? orderedAt + answer
    : orderedAt + Math.round(before * (0.2 + 0.5 * random.next()));
  if (site.live_on !== undefined && orderedAt < midnight(site.live_on))
    return { orderedAt: startedAt - 25 * minute, scheduledAt: startedAt - 18 * minute };
  return { orderedAt, scheduledAt };
}

/** Small sites have part of their exams read elsewhere; while they are closed the largest reads for all. */
function readerSite(world: World, place: Place, at: number, random: Random): Place {
  const [main, second = world.main] = world.places;
  const choice = random.next();
  if (main === undefined || place === main || !isOpen(world.opening(place, dayOf(at)), minuteOf(at)))
    return world.main;
  if (place === second) return choice < 0.08 ? main : place;
  return choice < 0.45 ? main : choice < 0.57 ? second : place;
}

function readingOf(
  world: World,
  availableAt: number | undefined,
  emergency: boolean,
  random: Random
): Exam['reading'] {
  const waits = Math.round(random.around(emergency ? 18 : 70, 0.7) * minute);
  const reads = Math.round(random.around(emergency ? 9 : 16, 0.5) * minute);
  const sleepsOnIt = random.chance(0.35) ? Math.round(random.around(150, 0.8) * minute) : 0;
  const drafts = random.chance(0.6);
  if (availableAt === undefined) return undefined;
  const { viewer } = world.platform;
  const openedAt = world.whenUp(viewer.system, nextReading(world, availableAt + waits, emergency));
  const signedAt = openedAt + reads + sleepsOnIt;
  const draftedAt = drafts ? openedAt + Math.round((signedAt - openedAt) * 0.55) : undefined;
  return { availableAt, openedAt, draftedAt, signedAt, addition: additionOf(signedAt, random) };
}

/** Emergencies are read at once, the others while the largest department is open and an hour after. */
function nextReading(world: World, at: number, emergency: boolean): number {
  if (emergency) return at;
  for (let days = 0; days < longestClosure; days++) {
    const day = addDays(dayOf(at), days);
    const opening = world.opening(world.main, day);
    const [first, last] = [opening[0]?.[0], opening.at(-1)?.[1]];
    if (first === undefined || last === undefined) continue;
    const opens = clock(day, first + 15);
    if (at <= opens) return opens + (at % (70 * minute));
    if (at <= clock(day, last + 60)) return at;
  }
  return at;
}
