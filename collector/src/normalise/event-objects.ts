import type { ToldObject } from '../decode/audit-xml/told.ts';
import { Undecodable } from '../decode/undecodable.ts';
import type { Fact } from '../verdict.ts';
import type { Identities } from './identity.ts';
import { label } from './origin.ts';
import { modalityOfSopClass } from './sop-class.ts';
import { shortId, uidOf } from './told-values.ts';

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
  const patients = new Map<string, Buffer>();
  const studies = new Set<string>();
  const ids = objects.map((object) => {
    const idType = object.idType?.code ?? '';
    if (isPatient(object)) {
      const pseudonym = identities.patient(object.id, source, establishment, { name: object.name });
      if (pseudonym === null) return '';
      patients.set(pseudonym.toString('hex'), pseudonym);
      return pseudonym.toString('hex');
    }
    if (personRoles.has(object.role.trim()) || idType === '11')
      return identities.person(object.id, establishment, { name: object.name });
    const uid = uidOf(object.id);
    if (idType === studyUid || (idType === '' && object.role.trim() === '3')) {
      if (uid !== '') studies.add(uid);
      return uid || identities.object(object.id);
    }
    const short = idType === stationAeTitle || idType === requestId;
    const clear = idType === sopClassUid ? uid : short ? shortId(object.id) : '';
    return clear || identities.object(object.id);
  });
  for (const object of objects)
    for (const study of object.studies) if (uidOf(study) !== '') studies.add(uidOf(study));
  const classes = objects.flatMap((object) => object.sopClasses);
  const modalities = [
    ...objects.flatMap((object) => object.modalities),
    ...classes.map(({ uid }) => modalityOfSopClass(uid.trim()))
  ];
  return {
    patients: [...patients.values()],
    studies: [...studies],
    accessions: distinct(objects.flatMap((object) => object.accessions.map(shortId))),
    modalities: distinct(modalities),
    instances: instancesOf(classes),
    object_kind: objects.map((object) => digits(object.type)),
    object_role: objects.map((object) => digits(object.role)),
    object_id_type: objects.map((object) => label(object.idType?.code ?? '')),
    object_id: ids,
    object_life_cycle: objects.map((object) => digits(object.lifeCycle))
  };
}

/** Role 1; some emitters tell the type (person) and a patient's id type only. */
function isPatient(object: ToldObject): boolean {
  const role = object.role.trim();
  if (role !== '') return role === '1';
  return object.type.trim() === '1' && ['', '1', '2', '5'].includes(object.idType?.code ?? '');
}

/** The sum of what is told; null when nothing is. Classes without a count count the instances they list. */
function instancesOf(classes: readonly ToldObject['sopClasses'][number][]): number | null {
  const told = classes
    .map(({ instances, listed }) => instances ?? (listed > 0 ? listed : null))
    .filter((count) => count !== null);
  if (told.length === 0) return null;
  const sum = told.reduce((total, count) => total + count, 0);
  if (sum > maxInstances)
    throw new Undecodable('bad-value', 'SOPClass@NumberOfInstances adds up to more than 4,294,967,295');
  return sum;
}

const digits = (code: string) => (/^\d{1,2}$/.test(code.trim()) ? code.trim() : '');
const distinct = (values: readonly string[]) => [...new Set(values)].filter((value) => value !== '');
