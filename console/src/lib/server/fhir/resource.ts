import type {
  AuditEvent,
  AuditEventAgent,
  AuditEventAgentNetwork,
  AuditEventEntity,
  CodeableConcept,
  Coding,
  Extension,
  Identifier
} from 'fhir/r4';
import { eventIds, eventTypes, objectRoles, roleIds } from '@vigie/schemas/vocabulary/dicom-audit';
import {
  codingOf,
  entityExtensions,
  identifierSystemOf,
  type CodeUse
} from '@vigie/schemas/vocabulary/audit-event-fhir';
import type { AuditEventRow } from '../query/audit-events.ts';
import type { Identity } from '../query/vault.ts';
import { pseudonymSystem } from './identifiers.ts';

/** Systems of ours, beside the pseudonyms'. */
export const vigieSystems = {
  /** Ids of the systems of vigie.yaml. */
  system: 'urn:vigie:system',
  /** Extension of an event: a repair that its message needed. */
  repair: 'urn:vigie:repair'
} as const;
const absent = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const dicomUid = 'urn:dicom:uid';

/** How much of an event its reader sees. */
export interface View {
  /** Pseudonyms of persons and patients, studies and accessions; else they are masked. */
  readonly pseudonyms: boolean;
  /** Identities that a purpose opened, by pseudonym. */
  readonly opened: ReadonlyMap<string, Identity>;
}

export const idOf = ({
  collector,
  lane,
  seq,
  sub
}: Pick<AuditEventRow, 'collector' | 'lane' | 'seq' | 'sub'>): string => `${collector}-${lane}-${seq}-${sub}`;

/**
 * The facts of one event as a FHIR R4 AuditEvent, by the mapping of schemas (docs/inputs/fhir.md). Elements stand in the
 * order of the standard, which XML needs. Persons and patients are pseudonyms, unless `view` says otherwise.
 */
export function auditEventOf(row: AuditEventRow, view: View): AuditEvent {
  return {
    resourceType: 'AuditEvent',
    id: idOf(row),
    meta: {
      versionId: '1',
      lastUpdated: row.received_at.toISOString(),
      source: `${vigieSystems.system}:${row.source}`
    },
    ...(row.repairs.length > 0 && {
      extension: row.repairs.map((name) => ({ url: vigieSystems.repair, valueCode: name }))
    }),
    type: shown('event', row.event_code, eventIds),
    ...(row.event_types.length > 0 && {
      subtype: row.event_types.map((code) => shown('event-type', code, eventTypes))
    }),
    ...(isAction(row.action) && { action: row.action }),
    period: { start: row.occurred_at.toISOString() },
    recorded: row.recorded_at.toISOString(),
    outcome: String(row.outcome) as NonNullable<AuditEvent['outcome']>,
    ...(row.purpose !== '' && { purposeOfEvent: [{ coding: [codingOf('purpose', row.purpose)] }] }),
    agent: agentsOf(row, view),
    source: {
      ...(siteOf(row) !== '' && { site: siteOf(row) }),
      observer: {
        identifier:
          row.audit_source === ''
            ? { system: vigieSystems.system, value: row.source || 'unknown' }
            : { value: row.audit_source }
      }
    },
    ...entitiesOf(row, view)
  };
}

const isAction = (action: string): action is 'C' | 'R' | 'U' | 'D' | 'E' => /^[CRUDE]$/.test(action);
const siteOf = (row: AuditEventRow) => row.enterprise_site || row.site;

function shown(use: CodeUse, code: string, words: Readonly<Record<string, { readonly en: string }>>): Coding {
  const display = words[code]?.en;
  return { ...codingOf(use, code), ...(display !== undefined && { display }) };
}

/** R4 wants one agent at least: a message without participants has one that nobody named. */
function agentsOf(row: AuditEventRow, view: View): AuditEventAgent[] {
  if (row.participant_id.length === 0)
    return [{ who: { identifier: absentIdentifier('unknown') }, requestor: false }];
  const actor = row.participant_id.indexOf(row.actor_id);
  return row.participant_id.map((id, i) => {
    const person = row.participant_kind[i] === 'person';
    const [type, ...roles] = [
      row.participant_role[i] ?? '',
      ...(i === actor ? row.actor_roles.filter((role) => role !== row.participant_role[i]) : [])
    ].filter((role) => role !== '');
    const opened = person ? view.opened.get(id) : undefined;
    const network = person && !view.pseudonyms ? undefined : networkOf(row.participant_access_point[i] ?? '');
    return {
      ...(type !== undefined && { type: roleOf(type) }),
      ...(roles.length > 0 && { role: roles.map(roleOf) }),
      who: { identifier: whoOf(id, person, view, opened) },
      ...(opened?.name !== undefined && { name: opened.name }),
      requestor: row.participant_requestor[i] === 1,
      ...(network && { network })
    };
  });
}

function roleOf(role: string): CodeableConcept {
  const coding = shown('role', role, roleIds);
  return coding.system === undefined ? { text: role } : { coding: [coding] };
}

function whoOf(id: string, person: boolean, view: View, opened: Identity | undefined): Identifier {
  if (id === '') return absentIdentifier('unknown');
  if (!person) return { value: id };
  if (!view.pseudonyms) return absentIdentifier('masked');
  return opened ? { value: opened.identifier } : { system: pseudonymSystem, value: id };
}

const absentIdentifier = (reason: 'masked' | 'unknown'): Identifier => ({
  extension: [{ url: absent, valueCode: reason }]
});

/** Network types of R4: 1 machine name, 2 IP address, 5 URI. */
function networkOf(address: string): AuditEventAgentNetwork | undefined {
  if (address === '') return undefined;
  const type = address.includes('://') ? '5' : /^[\d.]+$|:/.test(address) ? '2' : '1';
  return { address, type };
}

/** Objects in their order; studies and accessions that no object is named by are told on the first object of a study. */
function entitiesOf(row: AuditEventRow, view: View): Pick<AuditEvent, 'entity'> {
  const entities = row.object_id.map((id, i) => entityOf(row, i, id, view));
  const told = descriptionOf(row, view);
  if (told.extension || told.detail) {
    const at = Math.max(0, row.object_role.indexOf('3'));
    entities[at] = {
      ...(told.extension && { extension: told.extension }),
      ...entities[at],
      ...(told.detail && { detail: told.detail })
    };
  }
  return entities.length === 0 ? {} : { entity: entities };
}

function entityOf(row: AuditEventRow, i: number, id: string, view: View): AuditEventEntity {
  const [kind = '', role = '', idType = '', lifeCycle = ''] = [
    row.object_kind[i],
    row.object_role[i],
    row.object_id_type[i],
    row.object_life_cycle[i]
  ];
  const opened = view.opened.get(id);
  const what = whatOf(id, idType, view, opened);
  return {
    ...(what && { what: { identifier: what, ...(opened?.name !== undefined && { display: opened.name }) } }),
    ...(kind !== '' && { type: codingOf('object-type', kind) }),
    ...(role !== '' && { role: shown('object-role', role, objectRoles) }),
    ...(lifeCycle !== '' && { lifecycle: codingOf('life-cycle', lifeCycle) })
  };
}

function whatOf(
  id: string,
  idType: string,
  view: View,
  opened: Identity | undefined
): Identifier | undefined {
  const type = idType === '' ? {} : { type: { coding: [codingOf('object-id-type', idType)] } };
  const sopClass = idType === '110181';
  if (id === '') return idType === '' ? undefined : { ...absentIdentifier('unknown'), ...type };
  if (!view.pseudonyms && !sopClass && idType !== '110119') return { ...absentIdentifier('masked'), ...type };
  if (/^[0-9a-f]{32}$/.test(id)) {
    if (!opened) return { ...type, system: pseudonymSystem, value: id };
    const system = identifierSystemOf(opened.authority ?? '');
    return {
      ...type,
      ...(system !== '' && opened.kind === 'patient' && { system }),
      value: opened.identifier
    };
  }
  return /^[0-2](?:\.\d+)+$/.test(id)
    ? { ...type, system: dicomUid, value: `urn:oid:${id}` }
    : { ...type, value: id };
}

/** What PS3.15 tells in ParticipantObjectDescription: accessions, contained studies, instances, modalities. */
function descriptionOf(row: AuditEventRow, view: View): Pick<AuditEventEntity, 'extension' | 'detail'> {
  const extension: Extension[] = [];
  if (view.pseudonyms) {
    for (const number of row.accessions)
      extension.push({ url: entityExtensions.accession, valueIdentifier: { value: number } });
    for (const study of row.studies.filter((uid) => !row.object_id.includes(uid)))
      extension.push({
        url: entityExtensions.containsStudy,
        valueIdentifier: { system: dicomUid, value: `urn:oid:${study}` }
      });
  }
  if (row.instances !== null)
    extension.push({ url: entityExtensions.numberOfInstances, valueInteger: row.instances });
  const detail = row.modalities.map((modality) => ({ type: 'Modality', valueString: modality }));
  return { ...(extension.length > 0 && { extension }), ...(detail.length > 0 && { detail }) };
}
