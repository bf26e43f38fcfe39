import type { ToldTime } from '../time.ts';
import { documentsOf } from './document.ts';
import { first, required, timeOf, timeOrNull } from './fields.ts';
import type { Segment } from './message.ts';
import type { ToldActor, ToldExam } from './told-exam.ts';

/** ORC and OBR of one order, with what follows them. */
export interface Group {
  readonly orc: Segment | null;
  readonly obr: Segment | null;
  readonly rest: readonly Segment[];
}

/** What holds for every exam of a message. */
export interface Common {
  readonly sentAt: ToldTime;
  readonly pv1: Segment | null;
  readonly facilities: readonly string[];
  /** Names of who it is sent to (MSH-6). */
  readonly receivers: readonly string[];
}

export function groupsOf(segments: readonly Segment[]): Group[] {
  const groups: { orc: Segment | null; obr: Segment | null; rest: Segment[] }[] = [];
  for (const segment of segments) {
    const last = groups.at(-1);
    if (segment.name === 'ORC') groups.push({ orc: segment, obr: null, rest: [] });
    else if (segment.name === 'OBR') {
      if (last !== undefined && last.obr === null) last.obr = segment;
      else groups.push({ orc: last?.orc ?? null, obr: segment, rest: [] });
    } else last?.rest.push(segment);
  }
  return groups;
}

/** What a group tells of its exam whatever the milestone. @param time of the milestone; MSH-7 when '' */
export function examOf(
  milestone: ToldExam['milestone'],
  time: string,
  actor: ToldActor | null,
  { orc, obr, rest }: Group,
  { sentAt, pv1, facilities }: Common
): ToldExam {
  const ipc = first(rest, 'IPC');
  const accession =
    obr?.get(18) || ipc?.get(1) || obr?.get(3) || orc?.get(3) || obr?.get(2) || orc?.get(2) || '';
  const station = ipc?.get(9) || obr?.get(20) || obr?.get(21) || '';
  const documents = documentsOf(rest);
  return {
    milestone,
    occurredAt: time === '' ? sentAt : timeOf(time, 'the time of the milestone'),
    accession: required(accession, 'OBR-18 (accession number), IPC-1, OBR-3 and ORC-3'),
    orderNumber: orc?.get(2) || obr?.get(2) || '',
    step: ipc?.get(4) ?? '',
    study: ipc?.get(3) || studyOf(rest),
    room: station,
    modality: ipc?.get(5) || obr?.get(24) || '',
    procedureCode: obr?.get(4) ?? '',
    priority: first(rest, 'TQ1')?.get(9) || obr?.get(27, 6) || obr?.get(5) || orc?.get(7, 6) || '',
    patientClass: pv1?.get(2) ?? '',
    actor,
    facilities: [...facilities, obr?.get(21) ?? ''],
    station,
    appointmentAt: milestone === 'scheduled' ? appointmentOf({ orc, obr, rest }) : null,
    acts: actsOf(obr, rest, milestone === 'ended'),
    reportStatus: '',
    reason: '',
    organisations: [],
    documents: documents.count === 0 ? null : documents
  };
}

/** TQ1-7, else OBR-36, OBR-27.4, ORC-7.4, which older versions use. */
function appointmentOf({ orc, obr, rest }: Group): ToldTime | null {
  const told = first(rest, 'TQ1')?.get(7) || obr?.get(36) || obr?.get(27, 4) || orc?.get(7, 4) || '';
  return timeOrNull(told, 'the time of the appointment');
}

const ccam = new Set(['CCAM', '1.2.250.1.213.2.5']);

/**
 * CCAM codes of the order (OBR-4, OBR-44) and of its procedures (PR1-3); null when none is told. OBR-4 alone says what was asked: it
 * counts once the exam is made.
 */
function actsOf(obr: Segment | null, rest: readonly Segment[], made: boolean): number | null {
  const codes = new Set<string>();
  const billed = [
    ...(obr?.repetitions(44) ?? []),
    ...rest.filter(({ name }) => name === 'PR1').flatMap((segment) => segment.repetitions(3))
  ];
  if (billed.length === 0 && !made) return null;
  for (const one of [...(obr?.repetitions(4) ?? []), ...billed])
    for (const at of [1, 4])
      if (ccam.has(one.get(at + 2).toUpperCase()) && one.get(at) !== '') codes.add(one.get(at));
  return codes.size === 0 ? null : Math.min(codes.size, 65_535);
}

/** Study UID of ZDS-1 (IHE RAD-4), else of the OBX that names it (DCM 113014 or 110180). */
export function studyOf(segments: readonly Segment[]): string {
  const zds = first(segments, 'ZDS');
  if (zds !== null) return zds.get(1);
  const obx = segments.find(
    (segment) => segment.name === 'OBX' && ['113014', '110180'].includes(segment.get(3, 1))
  );
  return obx?.get(5) ?? '';
}
