import { at, type Attributes } from './attributes.ts';
import { toldCode } from './told-code.ts';
import type { ToldEvent } from './told.ts';

/** Bounds of one event's lists: beyond them a message is not an audit message but an attack or a defect. */
export const listLimit = 10_000;

const escaped = /&(?:amp|lt|gt|quot|apos);/;
const escapes = /&(?:amp|lt|gt|quot|apos);/g;
const references: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'"
};

/** Takes in one element, by local name, wherever an era of the schema put it. Unknown elements are passed over. */
export function takeElement(event: ToldEvent, name: string, attributes: Attributes): void {
  const participant = event.participants.at(-1);
  const object = event.objects.at(-1);
  switch (name) {
    case 'EventIdentification':
      event.action = attributes.get(at.EventActionCode) ?? '';
      event.dateTime = attributes.get(at.EventDateTime) ?? '';
      event.outcome = attributes.get(at.EventOutcomeIndicator) ?? '';
      return;
    case 'EventID':
      event.id ??= toldCode(event, attributes);
      return;
    case 'EventTypeCode':
      push(event.types, toldCode(event, attributes));
      return;
    case 'PurposeOfUse':
      push(event.purposes, toldCode(event, attributes));
      return;
    case 'ActiveParticipant':
      takeParticipant(event, attributes);
      return;
    case 'RoleIDCode':
      if (participant !== undefined) push(participant.roles, toldCode(event, attributes));
      return;
    case 'UserIDTypeCode':
      if (participant !== undefined) participant.userIdType = toldCode(event, attributes)?.code ?? '';
      return;
    case 'AuditSourceIdentification':
      event.sources += 1;
      if (event.sourceId === '') event.sourceId = once(event, attributes.get(at.AuditSourceID));
      else push(event.otherSources, attributes.get(at.AuditSourceID) || null);
      event.enterpriseSite ||= attributes.get(at.AuditEnterpriseSiteID) ?? '';
      return;
    case 'ParticipantObjectIdentification':
      takeObject(event, attributes);
      return;
    case 'ParticipantObjectIDTypeCode':
      if (object !== undefined) object.idType ??= toldCode(event, attributes);
      return;
    case 'ParticipantObjectDetail':
      if (object !== undefined && attributes.get(at.type)?.toLowerCase() === 'modality')
        push(object.modalities, modalityOf(attributes.get(at.value) ?? ''));
      return;
    case 'Accession':
      if (object !== undefined) push(object.accessions, attributes.get(at.Number) || null);
      return;
    case 'StudyIDs':
    case 'ParticipantObjectContainsStudy':
      if (object !== undefined) push(object.studies, attributes.get(at.UID) || null);
      return;
    case 'SOPClass': {
      const told = attributes.get(at.NumberOfInstances)?.trim() ?? '';
      const instances = /^\d{1,9}$/.test(told) ? Number(told) : null;
      if (object !== undefined)
        push(object.sopClasses, { uid: attributes.get(at.UID) ?? '', instances, listed: 0 });
      return;
    }
    case 'Instance': {
      const sopClass = object?.sopClasses.at(-1);
      if (sopClass !== undefined) sopClass.listed += 1;
      return;
    }
  }
}

function takeParticipant(event: ToldEvent, attributes: Attributes): void {
  if (attributes.get(at.UserID) === undefined) event.repairs.add('no-user-id');
  push(event.participants, {
    userId: once(event, attributes.get(at.UserID)),
    alternativeUserId: once(event, attributes.get(at.AlternativeUserID)),
    userName: once(event, attributes.get(at.UserName)),
    requestor: requestorOf(attributes.get(at.UserIsRequestor)),
    userType: attributes.get(at.UserTypeCode) ?? '',
    userIdType: '',
    roles: [],
    accessPoint: attributes.get(at.NetworkAccessPointID) ?? '',
    accessPointType: attributes.get(at.NetworkAccessPointTypeCode) ?? ''
  });
}

function takeObject(event: ToldEvent, attributes: Attributes): void {
  if (attributes.get(at.ParticipantObjectName) !== undefined) event.repairs.add('name-as-attribute');
  push(event.objects, {
    id: once(event, attributes.get(at.ParticipantObjectID)),
    type: attributes.get(at.ParticipantObjectTypeCode) ?? '',
    role: attributes.get(at.ParticipantObjectTypeCodeRole) ?? '',
    lifeCycle: attributes.get(at.ParticipantObjectDataLifeCycle) ?? '',
    idType: null,
    name: once(event, attributes.get(at.ParticipantObjectName)),
    studies: [],
    accessions: [],
    sopClasses: [],
    modalities: []
  });
}

/** A value escaped twice is unescaped once more. */
function once(event: ToldEvent, value = ''): string {
  if (!value.includes('&') || !escaped.test(value)) return value;
  event.repairs.add('double-escaped');
  return value.replaceAll(escapes, (reference) => references[reference] ?? reference);
}

function requestorOf(told: string | undefined): boolean | null {
  if (told === undefined) return null;
  const value = told.trim().toLowerCase();
  return value === 'true' || value === '1';
}

/** Details are base64; some senders write them plain. */
export function modalityOf(value: string): string | null {
  const plain = Buffer.from(value, 'base64').toString('latin1').trim();
  const modality = /^[A-Z]{2,6}$/.test(plain) ? plain : value.trim();
  return /^[A-Z]{2,6}$/.test(modality) ? modality : null;
}

function push<T>(list: T[], item: T | null): void {
  if (item !== null && list.length <= listLimit) list.push(item);
}
