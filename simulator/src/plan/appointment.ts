import type { ReadingPartner } from '@vigie/schemas';
import type { Person } from '../group/people.ts';
import type { Random } from '../random.ts';
import { addDays, clock, dayOf, minuteOf } from './paris.ts';

const minute = 60_000;
const day = 86_400_000;

/** Why exams that were planned are not made, as codes. */
const reasons = ['PATIENT', 'PATIENT', 'ETAT_PATIENT', 'CONTRE_INDICATION', 'DOUBLON', 'PANNE'] as const;
const refusals = ['INDISPONIBLE', 'INDICATION', 'HORS_CONVENTION'] as const;

/** What befalls an appointment; times in ms since 1970. */
export interface Appointment {
  /** The patient does not come, and nobody had cancelled. */
  readonly noShow: boolean;
  readonly cancelledAt: number;
  readonly reason: string;
  /** The first time that was given, and when it was moved to the one that held. */
  readonly moved: { readonly from: number; readonly at: number } | undefined;
  readonly arrivedAt: number;
}

/** Most missed outpatients just do not come; one appointment in fourteen is moved. */
export function appointmentOf(
  exam: { readonly outpatient: boolean; readonly scheduledAt: number; readonly startedAt: number },
  random: Random
): Appointment {
  const { outpatient, scheduledAt, startedAt } = exam;
  const wait = startedAt - scheduledAt;
  const noShow = outpatient && random.chance(0.55);
  const share = random.next();
  const moves = random.chance(0.07) && outpatient && wait > 2 * day;
  const from = startedAt + random.pick([-1, 1, 2, 7]) * day;
  return {
    noShow,
    cancelledAt: Math.round(scheduledAt + wait * (0.3 + 0.65 * share)),
    reason: noShow ? 'ABSENT' : random.pick(reasons),
    moved: moves ? { from, at: Math.round(scheduledAt + wait * 0.25) } : undefined,
    arrivedAt: Math.max(scheduledAt, startedAt - random.whole(5, 25) * minute)
  };
}

/** An exam that a teleradiology platform is asked to read; times in ms since 1970. */
export interface Elsewhere {
  readonly partner: ReadingPartner;
  readonly reader: Person;
  readonly askedAt: number;
  readonly answeredAt: number;
  /** Why it refused; '' when it accepted. */
  readonly refusal: string;
}

/** Night CTs of the largest site, and some of the smallest one's, are asked for; one in fifteen is refused. */
export function elsewhereOf(
  exam: {
    readonly modality: string;
    readonly rank: number;
    readonly scheduledAt: number;
    readonly startedAt: number;
  },
  partner: ReadingPartner | undefined,
  readers: readonly Person[],
  random: Random
): Elsewhere | undefined {
  const { modality, rank, scheduledAt, startedAt } = exam;
  const hour = Math.floor(minuteOf(startedAt) / 60);
  const night = rank === 0 && (hour >= 21 || hour < 7);
  const chance = modality !== 'CT' ? 0 : night ? 0.45 : rank > 1 ? 0.14 : 0;
  const asked = random.chance(chance);
  if (partner === undefined || readers.length === 0 || !asked) return undefined;
  const askedAt = Math.max(scheduledAt, startedAt - random.whole(12, 25) * minute);
  return {
    partner,
    reader: random.pick(readers),
    askedAt,
    answeredAt: askedAt + random.whole(2, 11) * minute,
    refusal: random.chance(0.065) ? random.pick(refusals) : ''
  };
}

/** When a signed report is added to, or corrected: rarely, within two days. */
export function additionOf(
  signedAt: number,
  random: Random
): { readonly at: number; readonly status: 'addendum' | 'corrected' } | undefined {
  const draw = random.next();
  if (draw > 0.035) return undefined;
  const opens = clock(addDays(dayOf(signedAt), 1), 9 * 60);
  const sameDay = signedAt + random.whole(20, 180) * minute;
  const at = random.chance(0.5) ? sameDay : Math.max(sameDay, opens + random.whole(0, 240) * minute);
  return { at, status: draw < 0.025 ? 'addendum' : 'corrected' };
}
