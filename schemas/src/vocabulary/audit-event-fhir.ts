import type { tables } from '../tables.ts';

// DICOM audit message (PS3.15 A.5) ↔ FHIR R4 AuditEvent ↔ columns of audit.event: the feed reads by these tables, search
// and read write by them. After the R4 AuditEvent mappings, IHE BALP 1.1 and the French TDE guide.

/** One element, told three ways. A column is '' where the element stays in the raw message alone. */
interface FieldMapping {
  readonly dicom: string;
  readonly fhir: string;
  readonly columns: readonly (keyof (typeof tables)['audit.event'])[];
  readonly use?: CodeUse;
}

export const fieldMappings: readonly FieldMapping[] = [
  { dicom: 'EventID', fhir: 'type', columns: ['event_code'], use: 'event' },
  { dicom: 'EventTypeCode', fhir: 'subtype', columns: ['event_types'], use: 'event-type' },
  { dicom: '@EventActionCode', fhir: 'action', columns: ['action'] },
  { dicom: '@EventDateTime', fhir: 'period.start, else recorded', columns: ['occurred_at'] },
  { dicom: 'TIMESTAMP of the syslog header', fhir: 'recorded', columns: ['sent_at'] },
  { dicom: '@EventOutcomeIndicator', fhir: 'outcome', columns: ['outcome'] },
  { dicom: 'EventOutcomeDescription', fhir: 'outcomeDesc', columns: [] },
  { dicom: 'PurposeOfUse', fhir: 'purposeOfEvent', columns: ['purpose', 'emergency'], use: 'purpose' },
  {
    dicom: 'ActiveParticipant@UserID',
    fhir: 'agent.who.identifier.value',
    columns: ['participant_id', 'actor_id']
  },
  { dicom: '@AlternativeUserID', fhir: 'agent.altId', columns: [] },
  { dicom: '@UserName', fhir: 'agent.name, else agent.who.display', columns: [] },
  { dicom: '@UserIsRequestor', fhir: 'agent.requestor', columns: ['participant_requestor'] },
  {
    dicom: 'RoleIDCode',
    fhir: 'agent.type, agent.role',
    columns: ['participant_role', 'actor_roles'],
    use: 'role'
  },
  {
    dicom: '@UserTypeCode, UserIDTypeCode',
    fhir: 'agent.type humanuser, kind of agent.who.reference',
    columns: ['participant_kind', 'actor_kind']
  },
  {
    dicom: '@NetworkAccessPointID',
    fhir: 'agent.network.address',
    columns: ['participant_access_point', 'access_point']
  },
  { dicom: '@NetworkAccessPointTypeCode', fhir: 'agent.network.type', columns: ['access_point_kind'] },
  { dicom: 'MediaIdentifier/MediaType', fhir: 'agent.media', columns: [] },
  { dicom: '@AuditSourceID', fhir: 'source.observer', columns: ['audit_source'] },
  { dicom: '@AuditEnterpriseSiteID', fhir: 'source.site', columns: ['enterprise_site'] },
  { dicom: 'AuditSourceTypeCode', fhir: 'source.type', columns: [], use: 'source-type' },
  {
    dicom: '@ParticipantObjectID',
    fhir: 'entity.what.identifier.value',
    columns: ['object_id', 'patients', 'studies']
  },
  {
    dicom: 'ParticipantObjectIDTypeCode',
    fhir: 'entity.what.identifier.type',
    columns: ['object_id_type'],
    use: 'object-id-type'
  },
  { dicom: '@ParticipantObjectTypeCode', fhir: 'entity.type', columns: ['object_kind'], use: 'object-type' },
  {
    dicom: '@ParticipantObjectTypeCodeRole',
    fhir: 'entity.role',
    columns: ['object_role'],
    use: 'object-role'
  },
  {
    dicom: '@ParticipantObjectDataLifeCycle',
    fhir: 'entity.lifecycle',
    columns: ['object_life_cycle'],
    use: 'life-cycle'
  },
  { dicom: '@ParticipantObjectSensitivity', fhir: 'entity.securityLabel', columns: [] },
  { dicom: 'ParticipantObjectName', fhir: 'entity.name, else entity.what.display', columns: [] },
  { dicom: 'ParticipantObjectQuery', fhir: 'entity.query', columns: [] },
  { dicom: 'ParticipantObjectDetail', fhir: 'entity.detail', columns: ['modalities'] },
  { dicom: 'Accession@Number', fhir: 'entity.extension auditevent-Accession', columns: ['accessions'] },
  {
    dicom: 'SOPClass@UID, @NumberOfInstances',
    fhir: 'entity.extension auditevent-SOPClass, auditevent-NumberOfInstances',
    columns: ['modalities', 'instances']
  },
  {
    dicom: 'ParticipantObjectContainsStudy',
    fhir: 'entity.extension auditevent-ParticipantObjectContainsStudy',
    columns: ['studies']
  }
];

/** Extensions of AuditEvent.entity for DICOM's object description, by what they tell. */
const extensionBase = 'http://hl7.org/fhir/StructureDefinition/auditevent-';
export const entityExtensions = {
  accession: `${extensionBase}Accession`,
  sopClass: `${extensionBase}SOPClass`,
  numberOfInstances: `${extensionBase}NumberOfInstances`,
  instance: `${extensionBase}Instance`,
  mpps: `${extensionBase}MPPS`,
  containsStudy: `${extensionBase}ParticipantObjectContainsStudy`
} as const;

interface CodingSystem {
  /** codeSystemName of DICOM. */
  readonly dicom: string;
  /** System of a FHIR Coding. */
  readonly fhir: string;
  /** Other URIs under which it is met. */
  readonly also?: readonly string[];
}

const terminology = 'http://terminology.hl7.org/CodeSystem';
const systems = {
  dcm: {
    dicom: 'DCM',
    fhir: 'http://dicom.nema.org/resources/ontology/DCM',
    also: ['http://nema.org/dicom/dicm', 'urn:oid:1.2.840.10008.2.16.4']
  },
  transactions: {
    dicom: 'IHE Transactions',
    fhir: 'urn:ihe:event-type-code',
    also: ['urn:oid:1.3.6.1.4.1.19376.1.2']
  },
  ihe: { dicom: 'IHE', fhir: 'urn:ihe:event-id' },
  rfc3881: { dicom: 'RFC-3881', fhir: 'urn:ietf:rfc:3881' },
  xds: { dicom: 'IHE XDS Metadata', fhir: 'urn:oid:1.3.6.1.4.1.19376.1.2.6' },
  eventType: { dicom: 'audit-event-type', fhir: `${terminology}/audit-event-type` },
  lifecycleEvent: { dicom: 'iso-21089-lifecycle', fhir: `${terminology}/iso-21089-lifecycle` },
  interaction: { dicom: 'restful-interaction', fhir: 'http://hl7.org/fhir/restful-interaction' },
  securityRole: { dicom: 'extra-security-role-type', fhir: `${terminology}/extra-security-role-type` },
  participation: { dicom: 'v3-ParticipationType', fhir: `${terminology}/v3-ParticipationType` },
  provenance: { dicom: 'provenance-participant-type', fhir: `${terminology}/provenance-participant-type` },
  actReason: { dicom: 'v3-ActReason', fhir: `${terminology}/v3-ActReason` },
  objectType: { dicom: 'audit-entity-type', fhir: `${terminology}/audit-entity-type` },
  objectRole: { dicom: 'object-role', fhir: `${terminology}/object-role` },
  lifeCycle: { dicom: 'dicom-audit-lifecycle', fhir: `${terminology}/dicom-audit-lifecycle` },
  sourceType: { dicom: 'security-source-type', fhir: `${terminology}/security-source-type` }
} as const satisfies Record<string, CodingSystem>;

/** What a stored code says: facts keep codes without their systems, which the code and its use give back. */
export type CodeUse =
  | 'event'
  | 'event-type'
  | 'role'
  | 'purpose'
  | 'source-type'
  | 'object-id-type'
  | 'object-type'
  | 'object-role'
  | 'life-cycle';

const dicomCode = /^11[0-9]{4}$/;
const transaction = /^(?:ITI|RAD|PCC|QRPH|PHARM|CARD|LAB|PALM|PCD|EYE|DENT|RO|ENDO|SUPP)-\d{1,4}$/;
/** The first pattern that fits a code names its system. */
const rules: Readonly<Record<CodeUse, readonly (readonly [RegExp, CodingSystem])[]>> = {
  event: [
    [dicomCode, systems.dcm],
    [/^IHE\d{4}$/, systems.ihe],
    [/^(?:rest|hl7-v[23]|document|xacml|transmit|object)$/, systems.eventType],
    [
      /^(?:access|hold|amend|archive|attest|decrypt|deidentify|deprecate|destroy|disclose|encrypt|extract|link|merge|originate|pseudonymize|reactivate|receive|reidentify|unhold|report|restore|transform|transmit|unlink|unmerge|verify)$/,
      systems.lifecycleEvent
    ]
  ],
  'event-type': [
    [dicomCode, systems.dcm],
    [transaction, systems.transactions],
    [
      /^(?:read|vread|update|patch|delete|create|search|search-type|search-system|history|history-instance|history-type|history-system|capabilities|transaction|batch|operation)$/,
      systems.interaction
    ],
    [
      /^(?:access|amend|archive|deidentify|disclose|extract|merge|originate|receive|report)$/,
      systems.lifecycleEvent
    ]
  ],
  role: [
    [dicomCode, systems.dcm],
    [/^(?:humanuser|authserver|datacollector|dataprocessor|datasubject)$/, systems.securityRole],
    [/^custodian$/, systems.provenance],
    [/^(?:IRCP|INF|AUT|CST|PRCP|TRANS|ENT|WIT|RESP|VRF|AUTHEN|LA)$/, systems.participation]
  ],
  purpose: [
    [
      /^(?:TREAT|ETREAT|BTG|PATRQT|HOPERAT|HPAYMT|HRESCH|HSYSADMIN|HLEGAL|PUBHLTH|CAREMGT|COC|DISASTER|TRAIN|HTEST)$/,
      systems.actReason
    ]
  ],
  'source-type': [[/^[1-9]$/, systems.sourceType]],
  'object-id-type': [
    [/^\d{1,2}$/, systems.rfc3881],
    [dicomCode, systems.dcm],
    [transaction, systems.transactions],
    [/^urn:uuid:/, systems.xds]
  ],
  'object-type': [[/^[1-4]$/, systems.objectType]],
  'object-role': [[/^\d{1,2}$/, systems.objectRole]],
  'life-cycle': [[/^\d{1,2}$/, systems.lifeCycle]]
};

/** A stored code as a FHIR Coding: with its system where the code tells it. */
export function codingOf(use: CodeUse, code: string): { readonly system?: string; readonly code: string } {
  const system = systemOf(use, code);
  return system === undefined ? { code } : { system: system.fhir, code };
}

/** @returns whether a stored code may be what `system|code` of a search means: one without a known system may */
export function isOfSystem(use: CodeUse, code: string, system: string): boolean {
  const known = systemOf(use, code);
  return known === undefined || known.fhir === system || (known.also ?? []).includes(system);
}

function systemOf(use: CodeUse, code: string): CodingSystem | undefined {
  return rules[use].find(([pattern]) => pattern.test(code))?.[1];
}

const all: readonly CodingSystem[] = Object.values(systems);

/** codeSystemName of DICOM for the system of a FHIR Coding; an OID stands bare, what is not known as it is. */
export function systemNameOf(uri: string): string {
  const system = all.find(({ fhir, also }) => fhir === uri || also?.includes(uri) === true);
  return system?.dicom ?? uri.replace(/^urn:oid:/i, '');
}

/** System of a FHIR Coding for a codeSystemName of DICOM; undefined when the name is no URI and not known. */
export function systemUriOf(name: string): string | undefined {
  const system = all.find(({ dicom }) => dicom === name);
  if (system !== undefined) return system.fhir;
  if (/^[0-2](?:\.\d+)+$/.test(name)) return `urn:oid:${name}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(name) ? name : undefined;
}

/**
 * A FHIR Identifier as HL7 CX, the form in which DICOM audit messages tell patients, so that both give one pseudonym.
 * A value without a system may itself be CX, and is left as it is.
 */
export function cxOf(value: string, system: string): string {
  if (system === '' || value.includes('^')) return value;
  const authority = system
    .replace(/^urn:oid:/i, '')
    .replaceAll('&', '%26')
    .replaceAll('^', '%5E');
  return `${value}^^^&${authority}&${/^[\d.]+$/.test(authority) ? 'ISO' : 'URI'}`;
}

/** System of a FHIR Identifier for the authority of a patient identifier (an OID, or what the sender called it). */
export function identifierSystemOf(authority: string): string {
  if (/^[0-2](?:\.\d+)+$/.test(authority)) return `urn:oid:${authority}`;
  return authority.replaceAll('%26', '&').replaceAll('%5E', '^');
}
