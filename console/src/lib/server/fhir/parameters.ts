import type { CapabilityStatementRestResourceSearchParam } from 'fhir/r4';
import type { TokenField } from './clause.ts';

/** What a search parameter asks about. */
export type Subject =
  | { readonly of: 'date'; readonly column: 'recorded' | 'occurred' | 'stored' }
  | { readonly of: 'token'; readonly field: TokenField }
  | { readonly of: 'patient' | 'agent' | 'entity' | 'source' | 'site' | 'address' | 'id' };

interface Parameter {
  readonly subject: Subject;
  readonly type: CapabilityStatementRestResourceSearchParam['type'];
  readonly definition?: string;
  readonly documentation: string;
}

const r4 = (name: string) => `http://hl7.org/fhir/SearchParameter/AuditEvent-${name}`;
const balp = (name: string) => `https://profiles.ihe.net/ITI/BALP/SearchParameter/${name}`;
const token = (field: TokenField, documentation: string): Parameter => ({
  subject: { of: 'token', field },
  type: 'token',
  definition: r4(field),
  documentation
});

/** The parameters of ITI-81 (BALP 1.1), FHIR R4 and the French TDE guide, as the CapabilityStatement tells them. */
export const parameters: Readonly<Record<string, Parameter>> = {
  _id: {
    subject: { of: 'id' },
    type: 'token',
    definition: 'http://hl7.org/fhir/SearchParameter/Resource-id',
    documentation: 'Id of the event.'
  },
  _lastUpdated: {
    subject: { of: 'date', column: 'stored' },
    type: 'date',
    definition: 'http://hl7.org/fhir/SearchParameter/Resource-lastUpdated',
    documentation: 'When the message was received.'
  },
  date: {
    subject: { of: 'date', column: 'recorded' },
    type: 'date',
    definition: r4('date'),
    documentation: 'AuditEvent.recorded. Required: at least one lower or upper bound.'
  },
  'period-start': {
    subject: { of: 'date', column: 'occurred' },
    type: 'date',
    definition: 'https://interop.esante.gouv.fr/ig/fhir/tde/SearchParameter/TDE-AuditEvent-period-start',
    documentation:
      'AuditEvent.period.start, the time of the act (French TDE guide). Also as TDE_AuditEvent_period-start.'
  },
  type: token('type', 'Kind of event: code, or system|code.'),
  subtype: token('subtype', 'Kind of transaction: code, or system|code.'),
  action: token('action', 'C, R, U, D or E.'),
  outcome: token('outcome', '0, 4, 8 or 12.'),
  address: {
    subject: { of: 'address' },
    type: 'string',
    definition: r4('address'),
    documentation: 'AuditEvent.agent.network.address; also :exact and :contains.'
  },
  agent: {
    subject: { of: 'agent' },
    type: 'reference',
    definition: r4('agent'),
    documentation: 'Who took part, by reference or identifier. Persons for DPO tokens only.'
  },
  'agent.identifier': {
    subject: { of: 'agent' },
    type: 'token',
    definition: balp('ihe-agent-identifier'),
    documentation: 'Who took part: login, AE title, name of an application. Persons for DPO tokens only.'
  },
  'agent-role': token('agent-role', 'Role of a participant, in AuditEvent.agent.type or .role.'),
  altid: {
    subject: { of: 'agent' },
    type: 'token',
    definition: r4('altid'),
    documentation: 'Alternative id of a participant, where the facts hold it as its id.'
  },
  patient: {
    subject: { of: 'patient' },
    type: 'reference',
    definition: r4('patient'),
    documentation: 'Patient, by identifier. DPO tokens only; better posted to _search.'
  },
  'patient.identifier': {
    subject: { of: 'patient' },
    type: 'token',
    definition: balp('ihe-patient-identifier'),
    documentation:
      'Patient identifier: system|value, HL7 CX, or bare. DPO tokens only; better posted to _search.'
  },
  entity: {
    subject: { of: 'entity' },
    type: 'reference',
    definition: r4('entity'),
    documentation: 'Study, accession, patient or other object, by reference or identifier. DPO tokens only.'
  },
  'entity.identifier': {
    subject: { of: 'entity' },
    type: 'token',
    definition: balp('ihe-entity-identifier'),
    documentation: 'Study UID, accession number, patient or other object. DPO tokens only.'
  },
  'entity-type': token(
    'entity-type',
    'Type of an object: 1 person, 2 system object, 3 organisation, 4 other.'
  ),
  'entity-role': token('entity-role', 'Role of an object: 1 patient, 3 report or study, 24 query …'),
  source: {
    subject: { of: 'source' },
    type: 'reference',
    definition: r4('source'),
    documentation: 'System that told the event: its AuditSourceID or its id in vigie.yaml.'
  },
  'source.identifier': {
    subject: { of: 'source' },
    type: 'token',
    definition: balp('ihe-source-identifier'),
    documentation: 'System that told the event: its AuditSourceID or its id in vigie.yaml.'
  },
  site: {
    subject: { of: 'site' },
    type: 'token',
    definition: r4('site'),
    documentation: 'Site as told (AuditEnterpriseSiteID) or by its id in vigie.yaml.'
  }
};

/** Names of older revisions of ITI-81 and of older FHIR versions, and what they are now. */
const aliases: Readonly<Record<string, string>> = {
  'TDE_AuditEvent_period-start': 'period-start',
  'TDE-AuditEvent-period-start': 'period-start',
  user: 'agent.identifier',
  participant: 'agent',
  'participant.identifier': 'agent.identifier',
  'agent:identifier': 'agent.identifier',
  'patient:identifier': 'patient.identifier',
  'entity:identifier': 'entity.identifier',
  'source:identifier': 'source.identifier',
  'entity-id': 'entity.identifier',
  identity: 'entity.identifier',
  'object-type': 'entity-type',
  role: 'entity-role',
  altId: 'altid'
};

/** A typed reference, alone or chained: `patient:Patient=1` asks what `patient=Patient/1` does, `agent:Practitioner.identifier` what `agent.identifier` does. */
const typed = /^(agent|participant|entity|source|patient):([A-Z][A-Za-z]{2,40})(\.identifier)?$/;

/** A name as asked, apart. */
export interface Name {
  readonly parameter: Parameter;
  /** `not`, `exact`, `contains`, whatever else was asked, or ''. */
  readonly modifier: string;
  /** Resource type of the references asked for, or ''. */
  readonly referenceType: string;
}

/** @returns undefined for a name that is not known */
export function readName(name: string): Name | undefined {
  const [whole, reference = '', referenceType = '', chained] = typed.exec(name) ?? [];
  if (whole !== undefined) {
    const asked = readName(`${reference}${chained ?? ''}`);
    return asked && { ...asked, referenceType: chained === undefined ? referenceType : '' };
  }
  const direct = own(parameters, own(aliases, name) ?? name);
  if (direct) return { parameter: direct, modifier: '', referenceType: '' };
  const at = name.lastIndexOf(':');
  if (at < 0) return undefined;
  const base = name.slice(0, at);
  const parameter = own(parameters, own(aliases, base) ?? base);
  return parameter && { parameter, modifier: name.slice(at + 1), referenceType: '' };
}

/** A value of a table by a name from outside: what every object inherits is no parameter. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
