import { Undecodable } from '../undecodable.ts';
import { readHl7Time, type ToldTime } from '../time.ts';
import { performerOf, prescriberOf, readerOf } from './actors.ts';
import type { Hl7Message, Segment } from './message.ts';
import { milestoneOfAppointment, milestoneOfOrder, milestoneOfReport } from './milestone.ts';
import type { ToldActor, ToldExam, ToldHl7, ToldPatient } from './told-exam.ts';

/** ORC and OBR of one order, with what follows them. */
interface Group {
  readonly orc: Segment | null;
  readonly obr: Segment | null;
  readonly rest: readonly Segment[];
}

interface Common {
  readonly sentAt: ToldTime;
  readonly pv1: Segment | null;
  readonly facilities: readonly string[];
}

const orders = new Set(['ORM^O01', 'OMG^O19', 'OMI^O23']);
const arrivals = new Set(['ADT^A01', 'ADT^A04', 'ADT^A08', 'ADT^A28', 'ADT^A31']);
const appointments = /^SIU\^S\d\d$/;

/**
 * Reads what a RIS tells of exams: orders (ORM^O01, OMG^O19, OMI^O23), reports (ORU^R01), appointments (SIU) and,
 * for their identities alone, patients (ADT A01, A04, A08, A28, A31).
 * @throws {Undecodable} unsupported-message, missing-field, bad-value
 */
export function readExams(message: Hl7Message): ToldHl7 {
  const type = typeOf(message);
  const facilities = facilitiesOf(message);
  const pid = message.segments.find((segment) => segment.name === 'PID');
  const exams = examsOf(message, type, facilities);
  return {
    patient: pid === undefined ? null : patientOf(pid),
    exams,
    facilities,
    repairs: exams.length === 0 ? [...message.repairs, 'no-milestone'] : message.repairs
  };
}

/** `ORM^O01`, from MSH-9; the structure of MSH-9.3 stands in where an old sender leaves the trigger out. */
function typeOf({ msh }: Hl7Message): string {
  const code = msh.get(9, 1).toUpperCase();
  const trigger = msh.get(9, 2).toUpperCase() || (msh.get(9, 3).split('_')[1] ?? '').toUpperCase();
  if (code === '') throw new Undecodable('missing-field', 'MSH-9 (message type) is missing');
  return trigger === '' ? code : `${code}^${trigger}`;
}

function facilitiesOf({ msh, segments }: Hl7Message): string[] {
  const pv1 = segments.find((segment) => segment.name === 'PV1');
  return [msh.get(4), msh.raw(4), pv1?.get(3, 4) ?? ''];
}

function examsOf(message: Hl7Message, type: string, facilities: readonly string[]): ToldExam[] {
  if (arrivals.has(type)) return [];
  if (!orders.has(type) && type !== 'ORU^R01' && !appointments.test(type))
    throw new Undecodable(
      'unsupported-message',
      'MSH-9 is none of ORM^O01, OMG^O19, OMI^O23, ORU^R01, SIU, ADT A01 A04 A08 A28 A31'
    );
  const { msh, segments } = message;
  const pv1 = segments.find((segment) => segment.name === 'PV1') ?? null;
  const common: Common = {
    sentAt: timeOf(msh.get(7), 'MSH-7'),
    pv1,
    facilities
  };
  if (appointments.test(type)) return appointmentOf(message, type.slice(4), common);
  const read = type === 'ORU^R01' ? reportOf : orderOf;
  const exams = groupsOf(segments).flatMap((group) => read(group, common));
  const seen = new Set<string>();
  return exams.filter((exam) => {
    const key = [exam.milestone, exam.accession, exam.study, exam.occurredAt.wall].join('|');
    return seen.has(key) ? false : seen.add(key);
  });
}

function groupsOf(segments: readonly Segment[]): Group[] {
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

function orderOf(group: Group, common: Common): ToldExam[] {
  const { orc, obr } = group;
  const control = orc?.get(1).toUpperCase() ?? '';
  const milestone = milestoneOfOrder(
    control,
    orc?.get(5).toUpperCase() ?? '',
    obr?.get(25).toUpperCase() ?? ''
  );
  if (milestone === null) return [];
  const told =
    milestone === 'started' ? obr?.get(7) : milestone === 'ended' ? obr?.get(8) || obr?.get(22) : orc?.get(9);
  const actor =
    milestone === 'ordered'
      ? prescriberOf(orc, obr)
      : milestone === 'started' || milestone === 'ended'
        ? performerOf(obr)
        : milestone === 'drafted' || milestone === 'signed'
          ? readerOf(obr)
          : null;
  return [exam(milestone, told || orc?.get(9) || '', actor, group, common)];
}

function reportOf(group: Group, common: Common): ToldExam[] {
  const { obr, rest } = group;
  const obx = rest.find((segment) => segment.name === 'OBX');
  const milestone = milestoneOfReport((obr?.get(25) || obx?.get(11) || '').toUpperCase());
  if (milestone === null) return [];
  return [exam(milestone, obr?.get(22) || obx?.get(14) || '', readerOf(obr), group, common)];
}

/** RAD-48: SCH-26/27 carry placer and filler order numbers; AIS the procedure, AIL the place. */
function appointmentOf({ segments }: Hl7Message, trigger: string, common: Common): ToldExam[] {
  const milestone = milestoneOfAppointment(trigger);
  if (milestone === null) return [];
  const find = (name: string) => segments.find((segment) => segment.name === name);
  const sch = find('SCH');
  const accession = sch?.get(27) || sch?.get(26) || sch?.get(2) || '';
  return [
    {
      milestone,
      occurredAt: common.sentAt,
      accession: required(accession, 'SCH-27 (filler order number)'),
      study: studyOf(segments),
      room: find('AIL')?.get(3, 2) || find('AIL')?.get(3) || '',
      modality: '',
      procedureCode: find('AIS')?.get(3) ?? '',
      priority: '',
      patientClass: common.pv1?.get(2) ?? '',
      actor: null,
      facilities: common.facilities,
      station: ''
    }
  ];
}

function exam(
  milestone: ToldExam['milestone'],
  time: string,
  actor: ToldActor | null,
  { orc, obr, rest }: Group,
  { sentAt, pv1, facilities }: Common
): ToldExam {
  const find = (name: string) => rest.find((segment) => segment.name === name);
  const ipc = find('IPC');
  const accession =
    obr?.get(18) || ipc?.get(1) || obr?.get(3) || orc?.get(3) || obr?.get(2) || orc?.get(2) || '';
  const station = ipc?.get(9) || obr?.get(20) || obr?.get(21) || '';
  return {
    milestone,
    occurredAt: time === '' ? sentAt : timeOf(time, 'the time of the milestone'),
    accession: required(accession, 'OBR-18 (accession number), IPC-1, OBR-3 and ORC-3'),
    study: ipc?.get(3) || studyOf(rest),
    room: station,
    modality: ipc?.get(5) || obr?.get(24) || '',
    procedureCode: obr?.get(4) ?? '',
    priority: find('TQ1')?.get(9) || obr?.get(27, 6) || obr?.get(5) || orc?.get(7, 6) || '',
    patientClass: pv1?.get(2) ?? '',
    actor,
    facilities: [...facilities, obr?.get(21) ?? ''],
    station
  };
}

/** Study UID of ZDS-1 (IHE RAD-4), else of the OBX that names it (DCM 113014 or 110180). */
function studyOf(segments: readonly Segment[]): string {
  const zds = segments.find((segment) => segment.name === 'ZDS');
  if (zds !== undefined) return zds.get(1);
  const obx = segments.find(
    (segment) => segment.name === 'OBX' && ['113014', '110180'].includes(segment.get(3, 1))
  );
  return obx?.get(5) ?? '';
}

function patientOf(pid: Segment): ToldPatient {
  const lists = [pid.repetitions(3), pid.repetitions(2)];
  const identifiers = (lists.find((list) => list.length > 0) ?? []).map((one) =>
    [one.get(1), '', '', one.get(4)].join('^')
  );
  const name = pid.repetitions(5)[0];
  return {
    identifiers,
    name:
      name === undefined
        ? ''
        : [1, 2, 3]
            .map((part) => name.get(part))
            .join('^')
            .replace(/\^+$/, ''),
    birthDate: pid.get(7).slice(0, 8),
    sex: pid.get(8)
  };
}

function timeOf(text: string, field: string): ToldTime {
  if (text === '') throw new Undecodable('missing-field', `${field} is missing`);
  const time = readHl7Time(text);
  if (time === null) throw new Undecodable('bad-value', `${field} is not a time such as 20261124080500+0100`);
  return time;
}

function required(text: string, fields: string): string {
  if (text === '')
    throw new Undecodable('missing-field', `${fields} is missing: an exam needs its accession number`);
  return text;
}
