import type { AuditMessage, Coded, Participant, ParticipantObject } from '@vigie/schemas/audit-message';
import {
  codingOf,
  entityExtensions,
  systemUriOf,
  type CodeUse
} from '@vigie/schemas/vocabulary/audit-event-fhir';

/** A FHIR R4 AuditEvent that tells what a DICOM audit message tells, by the mapping of schemas. It is recorded within the second. */
export function auditEvent(message: AuditMessage): Readonly<Record<string, unknown>> {
  const at = Date.parse(message.dateTime);
  return {
    resourceType: 'AuditEvent',
    type: coding('event', message.event),
    ...some(
      'subtype',
      message.eventTypes?.map((one) => coding('event-type', one))
    ),
    action: message.action,
    period: { start: message.dateTime },
    recorded: new Date(at + 40 + (at % 700)).toISOString(),
    outcome: String(message.outcome),
    ...some(
      'purposeOfEvent',
      message.purposes?.map((one) => concept('purpose', one))
    ),
    agent: message.participants.map(agent),
    source: {
      ...(message.enterpriseSiteId !== undefined && { site: message.enterpriseSiteId }),
      observer: { identifier: { value: message.sourceId } },
      ...some(
        'type',
        message.sourceTypes?.map(({ code, text }) => ({ ...codingOf('source-type', code), display: text }))
      )
    },
    ...some('entity', message.objects?.map(entity))
  };
}

function agent(one: Participant): object {
  const [type, ...rest] = (one.roles ?? []).map((role) => concept('role', role));
  return {
    ...(type !== undefined && { type }),
    ...some('role', rest),
    who: { identifier: { value: one.userId } },
    ...(one.alternativeUserId !== undefined && { altId: one.alternativeUserId }),
    ...(one.userName !== undefined && { name: one.userName }),
    requestor: one.requestor,
    ...(one.accessPoint !== undefined && {
      network: { address: one.accessPoint, type: String(one.accessPointType ?? 1) }
    })
  };
}

function entity(one: ParticipantObject): object {
  return {
    ...some('extension', extensions(one)),
    what: { identifier: { type: concept('object-id-type', one.idType), ...identifierOf(one) } },
    type: codingOf('object-type', String(one.type)),
    role: codingOf('object-role', String(one.role)),
    ...(one.lifeCycle !== undefined && { lifecycle: codingOf('life-cycle', String(one.lifeCycle)) }),
    ...(one.name !== undefined && { name: one.name }),
    ...(one.query !== undefined && { query: one.query }),
    ...some(
      'detail',
      one.details?.map(({ type, value }) => ({ type, valueBase64Binary: value }))
    )
  };
}

/** UIDs and patients with their systems: HL7 CX is DICOM's way. */
function identifierOf({ id, idType }: ParticipantObject): {
  readonly system?: string;
  readonly value: string;
} {
  if (idType.code === '110180') return { system: 'urn:dicom:uid', value: `urn:oid:${id}` };
  const [value = '', , , authority = ''] = id.split('^');
  const oid = authority.split('&')[1];
  return oid === undefined ? { value: id } : { system: `urn:oid:${oid}`, value };
}

function extensions({ accessions = [], sopClasses = [] }: ParticipantObject): object[] {
  return [
    ...accessions.map((value) => ({ url: entityExtensions.accession, valueIdentifier: { value } })),
    ...sopClasses.map(({ uid }) => ({
      url: entityExtensions.sopClass,
      valueReference: { reference: `urn:oid:${uid}` }
    })),
    ...sopClasses.map(({ instances }) => ({
      url: entityExtensions.numberOfInstances,
      valueInteger: instances
    }))
  ];
}

function coding(use: CodeUse, { code, system, text }: Coded): object {
  const uri = systemUriOf(system);
  return { ...(uri === undefined ? codingOf(use, code) : { system: uri, code }), display: text };
}

const concept = (use: CodeUse, told: Coded) => ({ coding: [coding(use, told)], text: told.text });

/** An element that FHIR leaves out rather than empty. */
function some(name: string, list: readonly unknown[] | undefined): object {
  return list === undefined || list.length === 0 ? {} : { [name]: list };
}
