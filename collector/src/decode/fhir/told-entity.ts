import { cxOf, entityExtensions } from '@vigie/schemas/vocabulary/audit-event-fhir';
import { listLimit, modalityOf } from '../audit-xml/elements.ts';
import type { ToldCode, ToldObject } from '../audit-xml/told.ts';
import type { AuditEvent, Entity, Extension } from './audit-event.ts';
import { named, personId, type Named } from './reference.ts';
import { codesOf } from './told-agent.ts';

const patientRole = '1';
const studyUid: ToldCode = { code: '110180', system: 'DCM', text: 'Study Instance UID' };
/** RFC 3881: an identifier of another system, such as a document's, which is no study though it may be an OID. */
const uri: ToldCode = { code: '12', system: 'RFC-3881', text: 'URI' };
const extensionDepth = 4;

/**
 * One entity as a DICOM object tells it.
 * @param base names the server of relative references, so that patient 1 of two servers are two patients
 */
export function toldEntity(entity: Entity, event: AuditEvent, base: string): ToldObject {
  const what = named(entity.what, event.contained);
  const role = entity.role?.code?.trim() ?? '';
  const isPatient =
    role === patientRole || (role === '' && (what.type === 'Patient' || entity.type?.code === 'Patient'));
  const object: ToldObject = {
    id: isPatient ? patientId(what, base) : plain(personId(what, base)),
    type: entity.type?.code ?? '',
    role: isPatient ? patientRole : role,
    lifeCycle: entity.lifecycle?.code ?? '',
    idType: idTypeOf(entity, what, isPatient),
    name: entity.name ?? what.display,
    studies: [],
    accessions: [],
    sopClasses: [],
    modalities: []
  };
  if (object.idType?.code === 'ACSN') object.accessions.push(what.value);
  takeExtensions(object, entity.extension ?? []);
  if (object.accessions.length === 0 && object.sopClasses.length === 0)
    takeDescription(object, entity.description ?? '');
  for (const { type, valueString, valueBase64Binary } of entity.detail ?? [])
    if (type.toLowerCase() === 'modality') {
      const modality = modalityOf(valueBase64Binary ?? valueString ?? '');
      if (modality !== null) object.modalities.push(modality);
    }
  for (const found of [object.accessions, object.studies, object.sopClasses, object.modalities])
    found.splice(listLimit);
  return object;
}

/** The identifier as CX; else the reference, whose authority is its server. */
function patientId({ value, system, reference, base: told, display }: Named, base: string): string {
  if (value !== '') return cxOf(value, system);
  if (reference !== '') return cxOf(reference.replace(/^Patient\//, ''), told || base);
  return display === '' ? '' : cxOf(display, `${base}/display`);
}

function idTypeOf(entity: Entity, what: Named, isPatient: boolean): ToldCode | null {
  const [told] = what.idType === undefined ? [] : codesOf(what.idType);
  if (told !== undefined && told.code !== '') return told;
  if (what.system === 'urn:dicom:uid') return studyUid;
  if (!isPatient && (what.system !== '' || /^urn:/i.test(what.value))) return uri;
  if (entity.type?.code === 'XrequestId') return { code: 'XrequestId', system: '', text: '' };
  return what.value === '' && what.type !== '' ? { code: what.type, system: '', text: '' } : null;
}

/** An OID as DICOM writes it. */
const plain = (value: string) => value.replace(/^urn:oid:/i, '');

function takeExtensions(object: ToldObject, told: readonly Extension[]): void {
  const counts: number[] = [];
  let listed = 0;
  for (const { url, values } of flat(told, 0)) {
    if (url === entityExtensions.accession) object.accessions.push(...values);
    else if (url === entityExtensions.containsStudy) object.studies.push(...values.map(plain));
    else if (url === entityExtensions.sopClass)
      object.sopClasses.push(...values.map((uid) => ({ uid: plain(uid), instances: null, listed: 0 })));
    else if (url === entityExtensions.numberOfInstances)
      counts.push(...values.filter((count) => /^\d{1,9}$/.test(count)).map(Number));
    else if (url === entityExtensions.instance) listed += values.length;
  }
  if (counts.length + listed > 0 && object.sopClasses.length === 0)
    object.sopClasses.push({ uid: '', instances: null, listed: 0 });
  counts.forEach((count, at) => {
    const sopClass = object.sopClasses[at] ?? object.sopClasses.at(-1);
    if (sopClass !== undefined) sopClass.instances = (sopClass.instances ?? 0) + count;
  });
  const last = object.sopClasses.at(-1);
  if (last !== undefined) last.listed = listed;
}

/** Extensions of an entity, those inside others too, with what they hold as text. */
function flat(told: readonly Extension[], depth: number): { url: string; values: string[] }[] {
  if (depth > extensionDepth) return [];
  return told.flatMap((one) => {
    const inner = Array.isArray(one.extension) ? one.extension.filter(isExtension) : [];
    const url = typeof one.url === 'string' ? one.url : '';
    return [{ url, values: valuesOf(one) }, ...flat(inner, depth + 1)];
  });
}

const isExtension = (value: unknown): value is Extension =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** value[x] as text: of an Identifier its value, of a Reference its identifier's or itself. */
function valuesOf(extension: Extension): string[] {
  for (const [name, value] of Object.entries(extension)) {
    if (!name.startsWith('value')) continue;
    if (typeof value === 'string' || typeof value === 'number') return [String(value)];
    if (!isExtension(value)) continue;
    const { value: own, identifier, reference, display } = value;
    const inner = isExtension(identifier) ? identifier['value'] : undefined;
    const found = [own, inner, reference, display].find((part) => typeof part === 'string' && part !== '');
    if (typeof found === 'string') return [found];
  }
  return [];
}

/** The text that IPF makes of DICOM's object description: `Accession: A, SOPClasses: 1.2.3(40) `. */
function takeDescription(object: ToldObject, description: string): void {
  for (const [, number = ''] of description.matchAll(/\bAccession: ([\w./-]{1,64})/g))
    object.accessions.push(number);
  const classes = /\bSOPClasses: ([\d.() nul]{1,100000})/.exec(description)?.[1] ?? '';
  for (const [, uid = '', count = ''] of classes.matchAll(/([\d.]{3,64})\((\d{1,9}|null)\)/g))
    object.sopClasses.push({ uid, instances: count === 'null' ? null : Number(count), listed: 0 });
}
