import {
  dcm,
  type AuditMessage,
  type Coded,
  type Participant,
  type ParticipantObject
} from '@vigie/schemas/audit-message';
import { mixes } from '../group/mix.ts';
import type { Patient } from '../group/patients.ts';
import { jobTitles, type Person } from '../group/people.ts';
import type { Speaker } from '../group/platform.ts';
import type { Happening } from './event.ts';

/** What an audit needs to know of a study. */
export interface Study {
  readonly study: string;
  readonly accession: string;
  readonly modality: string;
  readonly images: number;
  readonly patient: Patient;
}

/** Where it happens, as the systems call it, and under which authority patients are numbered. */
export interface Scene {
  readonly facility: string;
  readonly authority: string;
}

const sourceTypes: Readonly<Record<string, Coded>> = {
  viewer: dcm('1', 'End-user display'),
  portal: dcm('3', 'Web server')
};
const server = dcm('4', 'Application server');
/** Old systems tell a bare number, and leave its issuer to be known. */
const bareNumbers: ReadonlySet<string> = new Set(['vna']);

interface Told {
  readonly at: number;
  readonly by: Speaker;
  readonly event: Coded;
  readonly action: AuditMessage['action'];
  readonly participants: readonly Participant[];
  readonly scene?: Scene;
  readonly types?: readonly Coded[];
  readonly outcome?: AuditMessage['outcome'];
  readonly purposes?: readonly Coded[];
  readonly objects?: readonly ParticipantObject[];
}

/** One audit message of one system. */
export function audit(told: Told): Happening {
  const { at, by, event, action, participants, scene, types, purposes, objects } = told;
  return {
    at,
    kind: 'audit',
    by,
    message: {
      event,
      action,
      outcome: told.outcome ?? 0,
      dateTime: new Date(at).toISOString(),
      participants,
      sourceId: by.auditSource,
      sourceTypes: [sourceTypes[by.kind] ?? server],
      ...(scene && { enterpriseSiteId: scene.facility }),
      ...(types && { eventTypes: types }),
      ...(purposes && { purposes }),
      ...(objects && { objects })
    }
  };
}

export function person(who: Person): Participant {
  return {
    userId: who.login,
    ...(who.rpps !== undefined && { alternativeUserId: who.rpps }),
    userName: who.name,
    requestor: true,
    roles: [{ code: who.job, system: 'GHT-AUBE', text: jobTitles[who.job] }],
    accessPoint: who.workstation,
    accessPointType: 2
  };
}

const roles = { source: dcm('110153', 'Source Role ID'), destination: dcm('110152', 'Destination Role ID') };

export function node(ae: string, role: keyof typeof roles, host: string, requestor = false): Participant {
  return {
    userId: ae,
    alternativeUserId: `AETITLE=${ae}`,
    requestor,
    roles: [roles[role]],
    accessPoint: host,
    accessPointType: 1
  };
}

export const application = (one: Speaker, role: keyof typeof roles, requestor = false) =>
  node(one.kind === 'viewer' || one.kind === 'portal' ? one.auditSource : one.ae, role, one.host, requestor);

export function patientObject(
  { ipp, family, given }: Patient,
  by: Speaker,
  { authority }: Scene
): ParticipantObject {
  return {
    id: bareNumbers.has(by.kind) ? ipp : `${ipp}^^^GHT&${authority}&ISO^PI`,
    idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
    type: 1,
    role: 1,
    name: `${family}^${given}`
  };
}

function studyObject(study: Study, lifeCycle: number): ParticipantObject {
  return {
    id: study.study,
    idType: dcm('110180', 'Study Instance UID'),
    type: 2,
    role: 3,
    lifeCycle,
    accessions: [study.accession],
    sopClasses: [{ uid: mixes[study.modality]?.sopClass ?? '', instances: study.images }]
  };
}

/** RFC 3881 life cycle of an object: origination, access, export, disclosure, deletion. */
export const lifeCycle = { created: 1, read: 6, exported: 10, deleted: 14 } as const;
export const both = (study: Study, by: Speaker, scene: Scene, cycle: number) => [
  studyObject(study, cycle),
  patientObject(study.patient, by, scene)
];

/** What was searched for, as the base64 text that the schema asks for. */
export const queryObject = (query: string): ParticipantObject => ({
  id: '1.2.840.10008.5.1.4.1.2.2.1',
  idType: dcm('110181', 'SOP Class UID'),
  type: 2,
  role: 3,
  query: Buffer.from(query).toString('base64')
});
