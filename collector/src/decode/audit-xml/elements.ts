import type { ToldCode, ToldEvent } from './told.ts';

type Attributes = Readonly<Record<string, string>>;

/** Bounds of one event's lists: beyond them a message is not an audit message but an attack or a defect. */
export const listLimit = 10_000;

/** Takes in one element, by local name, wherever an era of the schema put it. Unknown elements are passed over. */
export function takeElement(event: ToldEvent, name: string, attributes: Attributes): void {
  const participant = event.participants.at(-1);
  const object = event.objects.at(-1);
  switch (name) {
    case 'EventIdentification':
      event.action = attributes['EventActionCode'] ?? '';
      event.dateTime = attributes['EventDateTime'] ?? '';
      event.outcome = attributes['EventOutcomeIndicator'] ?? '';
      return;
    case 'EventID':
      event.id ??= code(event, attributes);
      return;
    case 'EventTypeCode':
      push(event.types, code(event, attributes));
      return;
    case 'PurposeOfUse':
      push(event.purposes, code(event, attributes));
      return;
    case 'ActiveParticipant':
      takeParticipant(event, attributes);
      return;
    case 'RoleIDCode':
      if (participant !== undefined) push(participant.roles, code(event, attributes));
      return;
    case 'UserIDTypeCode':
      if (participant !== undefined) participant.userIdType = code(event, attributes)?.code ?? '';
      return;
    case 'AuditSourceIdentification':
      event.sources += 1;
      event.sourceId ||= attributes['AuditSourceID'] ?? '';
      event.enterpriseSite ||= attributes['AuditEnterpriseSiteID'] ?? '';
      return;
    case 'ParticipantObjectIdentification':
      takeObject(event, attributes);
      return;
    case 'ParticipantObjectIDTypeCode':
      if (object !== undefined) object.idType ??= code(event, attributes);
      return;
    case 'ParticipantObjectDetail':
      if (object !== undefined && attributes['type']?.toLowerCase() === 'modality')
        push(object.modalities, modalityOf(attributes['value'] ?? ''));
      return;
    case 'Accession':
      if (object !== undefined) push(object.accessions, attributes['Number'] || null);
      return;
    case 'StudyIDs':
    case 'ParticipantObjectContainsStudy':
      if (object !== undefined) push(object.studies, attributes['UID'] || null);
      return;
    case 'SOPClass': {
      const told = attributes['NumberOfInstances']?.trim() ?? '';
      const instances = /^\d{1,9}$/.test(told) ? Number(told) : null;
      if (object !== undefined)
        push(object.sopClasses, { uid: attributes['UID'] ?? '', instances, listed: 0 });
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
  const told = attributes['UserIsRequestor'] ?? attributes['IsRequestor'];
  if (attributes['UserIsRequestor'] === undefined && told !== undefined) event.repairs.add('attribute-name');
  if (attributes['UserID'] === undefined) event.repairs.add('no-user-id');
  const alternative = attributes['AlternativeUserID'] ?? attributes['AlternateUserID'];
  if (attributes['AlternateUserID'] !== undefined) event.repairs.add('attribute-name');
  push(event.participants, {
    userId: attributes['UserID'] ?? '',
    alternativeUserId: alternative ?? '',
    userName: attributes['UserName'] ?? '',
    requestor: requestorOf(told),
    userType: attributes['UserTypeCode'] ?? '',
    userIdType: '',
    roles: [],
    accessPoint: attributes['NetworkAccessPointID'] ?? '',
    accessPointType: attributes['NetworkAccessPointTypeCode'] ?? ''
  });
}

function takeObject(event: ToldEvent, attributes: Attributes): void {
  if (attributes['ParticipantObjectName'] !== undefined) event.repairs.add('name-as-attribute');
  push(event.objects, {
    id: attributes['ParticipantObjectID'] ?? '',
    type: attributes['ParticipantObjectTypeCode'] ?? '',
    role: attributes['ParticipantObjectTypeCodeRole'] ?? '',
    lifeCycle: attributes['ParticipantObjectDataLifeCycle'] ?? '',
    idType: null,
    name: attributes['ParticipantObjectName'] ?? '',
    studies: [],
    accessions: [],
    sopClasses: [],
    modalities: []
  });
}

/** Old and new coded values: `csd-code` (2011 on) or `code`; originalText or displayName. */
function code(event: ToldEvent, attributes: Attributes): ToldCode | null {
  const value = (attributes['csd-code'] ?? attributes['code'] ?? '').trim();
  if (value === '') return null;
  const system = attributes['codeSystemName'] ?? attributes['codeSystem'] ?? '';
  const text = attributes['originalText'] ?? attributes['displayName'] ?? '';
  if (text !== 'DCM' || system === 'DCM') return { code: value, system, text };
  event.repairs.add('swapped-code');
  return { code: value, system: text, text: system };
}

function requestorOf(told: string | undefined): boolean | null {
  if (told === undefined) return null;
  const value = told.trim().toLowerCase();
  return value === 'true' || value === '1';
}

/** Details are base64; some senders write them plain. */
function modalityOf(value: string): string | null {
  const plain = Buffer.from(value, 'base64').toString('latin1').trim();
  const modality = /^[A-Z]{2,6}$/.test(plain) ? plain : value.trim();
  return /^[A-Z]{2,6}$/.test(modality) ? modality : null;
}

function push<T>(list: T[], item: T | null): void {
  if (item !== null && list.length <= listLimit) list.push(item);
}
