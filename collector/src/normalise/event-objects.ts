import type { ToldObject } from '../decode/audit-xml/told.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact } from '../verdict.ts';
import type { Identities, Token } from './identity.ts';
import { label } from './origin.ts';
import { modalityOfSopClass } from './sop-class.ts';
import { distinct, shortId, uidOf } from './told-values.ts';

type EventRow = Extract<Fact, { table: 'audit.event' }>['row'];
export type ObjectColumns = Pick<
  EventRow,
  | 'patients'
  | 'studies'
  | 'accessions'
  | 'modalities'
  | 'instances'
  | 'object_kind'
  | 'object_role'
  | 'object_id_type'
  | 'object_id'
  | 'object_life_cycle'
>;

/** ParticipantObjectTypeCodeRole of people who are not patients: user, doctor, security user, provider. */
const personRoles = new Set(['6', '8', '11', '15']);
const studyUid = '110180';
const sopClassUid = '110181';
const stationAeTitle = '110119';
/** X-Request-Id of a RESTful act (BALP): drawn by chance, it joins what client and server tell. */
const requestId = 'XrequestId';
const maxInstances = 4_294_967_295;
const oneOrTwoDigits = /^\d{1,2}$/;

/**
 * Objects as told → columns. Patients become pseudonyms (several in one message are common), users too; study UIDs,
 * SOP classes, station AE titles and request ids stay clear; every other id may be a patient's and becomes a token, by which
 * those who know the id find it.
 */
export function normaliseObjects(
  objects: readonly ToldObject[],
  source: string,
  establishment: string,
  identities: Identities
): ObjectColumns {
  const patients: Token[] = [];
  const studies: string[] = [];
  const ids = objects.map((object) => {
    const idType = object.idType?.code ?? '';
    if (isPatient(object)) {
      const patient = identities.patientToken(object.id, source, establishment, { name: object.name });
      if (patient !== null) patients.push(patient);
      return patient?.hex ?? '';
    }
    if (personRoles.has(object.role.trim()) || idType === '11')
      return identities.person(object.id, establishment, { name: object.name });
    const uid = uidOf(object.id);
    if (idType === studyUid || (idType === '' && object.role.trim() === '3')) {
      if (uid !== '') studies.push(uid);
      return uid || identities.object(object.id);
    }
    const short = idType === stationAeTitle || idType === requestId;
    const clear = idType === sopClassUid ? uid : short ? shortId(object.id) : '';
    return clear || identities.object(object.id);
  });
  const accessions: string[] = [];
  const modalities: string[] = [];
  for (const object of objects) {
    for (const study of object.studies) add(studies, uidOf(study));
    for (const accession of object.accessions) add(accessions, shortId(accession));
    for (const modality of object.modalities) add(modalities, modality);
  }
  for (const { sopClasses } of objects)
    for (const { uid } of sopClasses) add(modalities, modalityOfSopClass(uid.trim()));
  return {
    patients: pseudonymsOf(patients),
    studies: distinct(studies),
    accessions: distinct(accessions),
    modalities: distinct(modalities),
    instances: instancesOf(objects),
    object_kind: objects.map((object) => digits(object.type)),
    object_role: objects.map((object) => digits(object.role)),
    object_id_type: objects.map((object) => label(object.idType?.code ?? '')),
    object_id: ids,
    object_life_cycle: objects.map((object) => digits(object.lifeCycle))
  };
}

function add(list: string[], value: string): void {
  if (value !== '') list.push(value);
}

/** Each patient once. */
function pseudonymsOf(patients: readonly Token[]): Buffer[] {
  if (patients.length < 2) return patients.map(({ pseudonym }) => pseudonym);
  return [...new Map(patients.map(({ hex, pseudonym }) => [hex, pseudonym])).values()];
}

/** Role 1; some emitters tell the type (person) and a patient's id type only. */
function isPatient(object: ToldObject): boolean {
  const role = object.role.trim();
  if (role !== '') return role === '1';
  return object.type.trim() === '1' && ['', '1', '2', '5'].includes(object.idType?.code ?? '');
}

/** The sum of what is told; null when nothing is. Classes without a count count the instances they list. */
function instancesOf(objects: readonly ToldObject[]): number | null {
  let sum: number | null = null;
  for (const { sopClasses } of objects)
    for (const { instances, listed } of sopClasses) {
      const told = instances ?? (listed > 0 ? listed : null);
      if (told !== null) sum = (sum ?? 0) + told;
    }
  if (sum !== null && sum > maxInstances)
    throw new Undecodable('bad-value', 'SOPClass@NumberOfInstances adds up to more than 4,294,967,295');
  return sum;
}

const digits = (code: string) => {
  const told = code.trim();
  return oneOrTwoDigits.test(told) ? told : '';
};
