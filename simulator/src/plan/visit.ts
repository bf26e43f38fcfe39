import { adt, siu, type AdtTrigger, type SiuTrigger } from '../write/hl7-visit.ts';
import { answer, complement, request } from '../write/hl7-teleradiology.ts';
import type { Hl7Sender } from '../write/hl7-segments.ts';
import { Random } from '../random.ts';
import type { Tell } from './event.ts';
import type { Exam } from './exam.ts';
import type { World } from './world.ts';

const minute = 60_000;
/** How long after its time an appointment that nobody came to is given up. */
const patience = 20 * minute;

/** HL7 of one exam, told when the RIS is up. */
function teller(world: World, tell: Tell): (at: number, write: (at: number) => string) => void {
  return (at, write) => {
    const sentAt = world.whenUp(world.platform.ris.system, at);
    tell(sentAt, () => ({ at: sentAt, kind: 'hl7', text: write(sentAt) }));
  };
}

/**
 * An outpatient's appointment: booked, perhaps moved, then the arrival, the cancellation, or nobody. Whoever comes is registered, and
 * sometimes known better or found to be somebody known already.
 */
export function tellVisit(world: World, exam: Exam, by: Hl7Sender, tell: Tell): void {
  const say = teller(world, tell);
  const random = new Random(world.seed, 'identity', exam.accession);
  const { moved, noShow, cancelledAt, arrivedAt } = exam.appointment;
  const book = (trigger: SiuTrigger, at: number, appointment = exam.startedAt) =>
    say(at, (sentAt) => siu(exam, trigger, sentAt, appointment, by));
  const identify = (trigger: AdtTrigger, at: number) => say(at, (sentAt) => adt(exam, trigger, sentAt, by));
  const outpatient = exam.patientClass === 'O';
  if (outpatient) {
    book('S12', exam.scheduledAt, moved?.from ?? exam.startedAt);
    if (moved) book('S13', moved.at);
    if (exam.cancelled && !noShow) book('S15', cancelledAt);
    if (noShow && exam.cancelled) book('S26', exam.startedAt + patience);
  }
  if (exam.cancelled) return;
  if (outpatient && random.chance(0.9)) book('S14', arrivedAt);
  if (outpatient) identify('A04', arrivedAt - 2 * minute);
  else if (random.chance(0.4)) identify('A01', exam.orderedAt - minute);
  if (random.chance(0.02)) identify('A08', arrivedAt + minute);
  if (random.chance(0.004)) identify('A40', exam.endedAt);
}

/** What the site and a teleradiology platform say to each other: asked, answered, and once the images are there. */
export function tellElsewhere(world: World, exam: Exam, by: Hl7Sender, tell: Tell): void {
  const { elsewhere } = exam;
  if (elsewhere === undefined) return;
  const say = teller(world, tell);
  say(elsewhere.askedAt, (at) => request(exam, at, by));
  say(elsewhere.answeredAt, (at) => answer(exam, elsewhere, at, by));
  if (elsewhere.refusal !== '' || exam.reading === undefined) return;
  say(exam.reading.availableAt + minute, (at) => complement(exam, at, by));
}
