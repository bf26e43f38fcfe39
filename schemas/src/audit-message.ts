/** A coded value of DICOM PS3.15 A.5: code, coding system, text. */
export interface Coded {
  readonly code: string;
  readonly system: string;
  readonly text: string;
}

export const dcm = (code: string, text: string): Coded => ({ code, system: 'DCM', text });

export interface Participant {
  readonly userId: string;
  readonly alternativeUserId?: string;
  readonly userName?: string;
  readonly requestor: boolean;
  readonly roles?: readonly Coded[];
  readonly accessPoint?: string;
  /** 1 machine name, 2 IP address, 3 telephone, 4 e-mail, 5 URI. */
  readonly accessPointType?: 1 | 2 | 3 | 4 | 5;
}

export interface ParticipantObject {
  readonly id: string;
  readonly idType: Coded;
  /** 1 person, 2 system object, 3 organisation, 4 other. */
  readonly type: 1 | 2 | 3 | 4;
  /** ParticipantObjectTypeCodeRole: 1 patient, 3 report, 4 resource, 24 query … */
  readonly role: number;
  readonly lifeCycle?: number;
  readonly name?: string;
  /** Base64 text of the query. */
  readonly query?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
  /** UIDs of the performed procedure steps (MPPS). */
  readonly performedSteps?: readonly string[];
  readonly accessions?: readonly string[];
  /** `listed`: UIDs of the instances themselves. */
  readonly sopClasses?: readonly {
    readonly uid: string;
    readonly instances: number;
    readonly listed?: readonly string[];
  }[];
}

export interface AuditMessage {
  readonly event: Coded;
  readonly eventTypes?: readonly Coded[];
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly outcome: 0 | 4 | 8 | 12;
  /** ISO 8601 with zone. */
  readonly dateTime: string;
  readonly purposes?: readonly Coded[];
  readonly participants: readonly Participant[];
  readonly sourceId: string;
  readonly enterpriseSiteId?: string;
  readonly sourceTypes?: readonly Coded[];
  readonly objects?: readonly ParticipantObject[];
}

/**
 * Writes a DICOM audit message (PS3.15 A.5, 2017c and later: `csd-code`, details inside ParticipantObjectDescription).
 * @returns XML text on one line, without prolog
 */
export function buildAuditMessage(message: AuditMessage): string {
  const event = element(
    'EventIdentification',
    {
      EventActionCode: message.action,
      EventDateTime: message.dateTime,
      EventOutcomeIndicator: message.outcome
    },
    [
      coded('EventID', message.event),
      ...(message.eventTypes ?? []).map((type) => coded('EventTypeCode', type)),
      ...(message.purposes ?? []).map((purpose) => coded('PurposeOfUse', purpose))
    ]
  );
  const source = element(
    'AuditSourceIdentification',
    { AuditEnterpriseSiteID: message.enterpriseSiteId, AuditSourceID: message.sourceId },
    (message.sourceTypes ?? []).map((type) => coded('AuditSourceTypeCode', type))
  );
  return element('AuditMessage', {}, [
    event,
    ...message.participants.map(participant),
    source,
    ...(message.objects ?? []).map(object)
  ]);
}

function participant(one: Participant): string {
  return element(
    'ActiveParticipant',
    {
      UserID: one.userId,
      AlternativeUserID: one.alternativeUserId,
      UserName: one.userName,
      UserIsRequestor: String(one.requestor),
      NetworkAccessPointID: one.accessPoint,
      NetworkAccessPointTypeCode: one.accessPointType
    },
    (one.roles ?? []).map((role) => coded('RoleIDCode', role))
  );
}

function object(one: ParticipantObject): string {
  const description = [
    ...(one.performedSteps ?? []).map((uid) => element('MPPS', { UID: uid }, [])),
    ...(one.accessions ?? []).map((number) => element('Accession', { Number: number }, [])),
    ...(one.sopClasses ?? []).map(({ uid, instances, listed = [] }) =>
      element(
        'SOPClass',
        { UID: uid, NumberOfInstances: instances },
        listed.map((instance) => element('Instance', { UID: instance }, []))
      )
    )
  ];
  return element(
    'ParticipantObjectIdentification',
    {
      ParticipantObjectID: one.id,
      ParticipantObjectTypeCode: one.type,
      ParticipantObjectTypeCodeRole: one.role,
      ParticipantObjectDataLifeCycle: one.lifeCycle
    },
    [
      coded('ParticipantObjectIDTypeCode', one.idType),
      ...(one.name === undefined
        ? []
        : [`<ParticipantObjectName>${escape(one.name)}</ParticipantObjectName>`]),
      ...(one.query === undefined
        ? []
        : [`<ParticipantObjectQuery>${escape(one.query)}</ParticipantObjectQuery>`]),
      ...(one.details ?? []).map(({ type, value }) =>
        element('ParticipantObjectDetail', { type, value }, [])
      ),
      ...(description.length === 0 ? [] : [element('ParticipantObjectDescription', {}, description)])
    ]
  );
}

function coded(name: string, { code, system, text }: Coded): string {
  return element(name, { 'csd-code': code, codeSystemName: system, originalText: text }, []);
}

function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  children: readonly string[]
): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) text += ` ${key}="${escape(String(value))}"`;
  return children.length === 0 ? text + '/>' : `${text}>${children.join('')}</${name}>`;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;'
};

function escape(text: string): string {
  return text
    .replaceAll(/[&<>"\t\n\r]/g, (character) => entities[character] ?? character)
    .replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '\ufffd');
}
