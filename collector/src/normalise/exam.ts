import type { ExamRecord, ReaderLevel } from '@vigie/schemas/facts/exam';
import { insStatusOf } from '../decode/hl7/patient.ts';
import type { ToldExam, ToldHl7, ToldPatient } from '../decode/hl7/told-exam.ts';
import type { ToldTime } from '../decode/time.ts';
import { readIdentifier } from '@vigie/schemas/pseudonym';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { Identities } from './identity.ts';
import { label, originAt } from './origin.ts';
import { known, shortId, uidOf } from './told-values.ts';
import { toEpoch } from './zone.ts';

/** Identifiers of one patient that are linked, of those told and of those merged. */
const identifierLimit = 16;

type ExamFact = Extract<Fact, { table: 'ops.exam_event' }>;
type VisitFact = Extract<Fact, { table: 'ops.visit_event' }>;

/** HL7 priorities (TQ1-9, OBR-27.6, OBR-5; tables 0485 and 0027) in our words; others are left empty. */
const priorities: Readonly<Record<string, string>> = {
  S: 'stat',
  STAT: 'stat',
  A: 'urgent',
  ASAP: 'urgent',
  T: 'urgent',
  P: 'urgent',
  PR: 'urgent',
  U: 'urgent',
  R: 'routine',
  C: 'routine'
};

/** PV1-2 (table 0004). */
const patientClasses: Readonly<Record<string, string>> = {
  E: 'emergency',
  I: 'inpatient',
  O: 'outpatient'
};

/**
 * Exams as HL7 tells them → rows. Site: MSH-4, PV1-3, OBR-21 by their aliases, else the modality's AE title, else the
 * site of the source.
 */
export function normaliseHl7(
  told: ToldHl7,
  source: string,
  directory: Directory
): { origin: Origin; facts: (ExamFact | VisitFact)[]; identities: Identities } {
  const identities = new Identities(directory);
  const sourceSite = directory.systemById(source)?.site ?? '';
  const siteOf = (exam: ToldExam) =>
    byAlias(exam.facilities, directory) || (directory.siteByAe(exam.station)?.id ?? sourceSite);
  const [first] = told.exams;
  const site = first === undefined ? byAlias(told.facilities, directory) || sourceSite : siteOf(first);
  const origin = originAt(source, site, directory);
  const [patient = null] = told.patients.map((one) =>
    takePatient(one, source, origin.establishment, directory, identities)
  );
  const [firstPatient] = told.patients;
  const zone = directory.zoneOf(source);
  const epoch = (time: ToldTime | null) => (time === null ? null : toEpoch(time, zone));
  const message = {
    told_at: epoch(told.toldAt),
    told_sequence: told.sequence,
    visit: told.visit === '' ? null : visitOf(told.visit, source, directory),
    ins_status: firstPatient === undefined ? '' : insStatusOf(firstPatient)
  };
  const facts = told.exams.map((exam): ExamFact => {
    const place = originAt(source, siteOf(exam), directory);
    const actorSite = byAlias(exam.actor?.facilities ?? [], directory);
    return {
      table: 'ops.exam_event',
      row: {
        ...message,
        site: place.site,
        establishment: place.establishment,
        occurred_at: toEpoch(exam.occurredAt, zone),
        milestone: exam.milestone,
        accession: shortId(exam.accession),
        order_number: shortId(exam.orderNumber),
        step: shortId(exam.step),
        study: uidOf(exam.study),
        patient,
        room: label(exam.room),
        modality: /^[A-Z0-9_]{2,16}$/.test(exam.modality) ? exam.modality : '',
        procedure_code: label(exam.procedureCode),
        priority: priorities[exam.priority.toUpperCase()] ?? '',
        patient_class: patientClassOf(exam.patientClass),
        actor_id: exam.actor
          ? identities.person(exam.actor.id, place.establishment, { name: exam.actor.name })
          : '',
        actor_role: exam.actor?.role ?? '',
        actor_site: actorSite,
        appointment_at: epoch(exam.appointmentAt),
        acts: exam.acts,
        report_status: exam.reportStatus,
        ...readFrom(exam, place.site, actorSite, directory),
        reason: exam.reason,
        instances: null,
        documents: exam.documents?.count ?? null,
        document_bytes: exam.documents?.bytes ?? null
      }
    };
  });
  const { movement } = told;
  if (movement === null) return { origin, facts, identities };
  const { told_at, visit, ins_status } = message;
  const row: VisitFact['row'] = {
    site: origin.site,
    establishment: origin.establishment,
    occurred_at: toEpoch(movement.occurredAt, zone),
    told_at,
    event: movement.event,
    visit,
    patient,
    patient_class: patientClassOf(movement.patientClass),
    unit: label(movement.unit),
    ins_status,
    merged: Math.min(
      told.patients.reduce((sum, { merged }) => sum + merged.length, 0),
      65_535
    )
  };
  return { origin, facts: [...facts, { table: 'ops.visit_event', row }], identities };
}

/** Who reads for whom, and which partner answers or reads, where it is told. */
function readFrom(
  { milestone, actor, organisations }: ToldExam,
  site: string,
  actorSite: string,
  directory: Directory
): { reader_level: ReaderLevel | ''; organisation: string } {
  const reads = milestone === 'signed' || milestone === 'drafted';
  if (reads && actorSite !== '')
    return { reader_level: actorSite === site ? 'site' : 'group', organisation: '' };
  const names = reads ? (actor?.facilities ?? []) : organisations;
  const partner = names.map((name) => directory.partnerByAlias(name)).find((one) => one !== undefined);
  const unknown = label(names.find((name) => name !== '') ?? '');
  return {
    reader_level: reads ? (partner?.level ?? '') : '',
    organisation: partner?.id ?? unknown
  };
}

/** One exam milestone of the JSON input → row. */
export function normaliseExam(
  record: ExamRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: ExamFact[]; identities: Identities } {
  const identities = new Identities(directory);
  const site = record.site ?? directory.systemById(source)?.site ?? '';
  const origin = originAt(source, site, directory);
  const { patient_id: patientId, actor } = record;
  const row: ExamFact['row'] = {
    site: origin.site,
    establishment: origin.establishment,
    occurred_at: Date.parse(record.occurred_at),
    milestone: record.milestone,
    accession: record.accession,
    study: record.study ?? '',
    patient: patientId === undefined ? null : identities.patient(patientId, source, origin.establishment),
    room: record.room ?? '',
    modality: record.modality ?? '',
    procedure_code: record.procedure_code ?? '',
    priority: record.priority ?? '',
    patient_class: record.patient_class ?? '',
    actor_id: actor === undefined ? '' : identities.person(actor, origin.establishment),
    actor_role: record.actor_role ?? '',
    actor_site: record.actor_site ?? '',
    told_at: epochOrNull(record.told_at),
    told_sequence: null,
    order_number: record.order_number ?? '',
    step: record.step ?? '',
    appointment_at: epochOrNull(record.appointment_at),
    visit: record.visit === undefined ? null : visitOf(record.visit, source, directory),
    acts: record.acts ?? null,
    ins_status: record.ins_status ?? '',
    report_status: record.report_status ?? '',
    reader_level: record.reader_level ?? '',
    organisation: record.organisation ?? '',
    reason: record.reason ?? '',
    instances: record.instances ?? null,
    documents: record.documents ?? null,
    document_bytes: record.document_bytes ?? null
  };
  return { origin, facts: [{ table: 'ops.exam_event', row }], identities };
}

const epochOrNull = (time: string | undefined) => (time === undefined ? null : Date.parse(time));

/** Token of a visit number: under the authority told with it, else under that of the source. Nothing goes to the vault. */
function visitOf(told: string, source: string, directory: Directory): Buffer | null {
  const { authority, value } = readIdentifier(told, source);
  return known(value) === '' ? null : directory.pseudonym({ authority: `visit ${authority}`, value });
}

/**
 * Every identifier told becomes a pseudonym linked to the others, those that were merged into it among them; the first
 * one stands in the facts.
 */
function takePatient(
  patient: ToldPatient,
  source: string,
  establishment: string,
  directory: Directory,
  identities: Identities
): Buffer | null {
  const authority = directory.patientAuthorityOf(source);
  const identifiers = [...patient.identifiers.slice(0, identifierLimit), ...patient.merged]
    .map((told) => readIdentifier(told, authority))
    .filter(({ value }) => known(value) !== '')
    .slice(0, 2 * identifierLimit);
  const hexes = identifiers.map((one) => directory.pseudonym(one).toString('hex'));
  const traits = { name: patient.name, birthDate: patient.birthDate, sex: patient.sex };
  const pseudonyms = identifiers.map((one, index) => {
    const linked = [...new Set(hexes)].filter((hex) => hex !== hexes[index]);
    return identities.patientIdentifier(one, establishment, traits, linked);
  });
  return pseudonyms.find((one) => one !== null) ?? null;
}

function patientClassOf(told: string): string {
  return told === '' ? '' : (patientClasses[told.toUpperCase()] ?? 'other');
}

function byAlias(names: readonly string[], directory: Directory): string {
  return names.map((name) => directory.siteByAlias(name)?.id ?? '').find((site) => site !== '') ?? '';
}
