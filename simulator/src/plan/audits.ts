import {
  dcm,
  type AuditMessage,
  type Coded,
  type Participant,
  type ParticipantObject
} from '@vigie/schemas/audit-message';
import { mixes } from '../group/mix.ts';
import { jobTitles, type Patient, type Person } from '../group/people.ts';
import type { Exam } from './exam.ts';

/** OID of the group's local patient identifiers, as vigie.yaml declares it. */
const ippAuthority = '1.2.250.1.999.10.1';

/** Systems that write audits: what they call themselves. */
export const auditSources: Readonly<
  Record<string, { readonly id: string; readonly host: string; readonly type: Coded }>
> = {
  deepunity: { id: 'DEEPUNITY', host: 'pacs.ght-aube.example', type: dcm('4', 'Application server') },
  vna: { id: 'VNA', host: 'vna.ght-aube.example', type: dcm('4', 'Application server') },
  ris: { id: 'RIS', host: 'ris.ght-aube.example', type: dcm('4', 'Application server') },
  viewer: { id: 'VIEWER', host: 'viewer.ght-aube.example', type: dcm('1', 'End-user display') },
  emage: { id: 'E-MAGE', host: 'e-mage.pulsy.example', type: dcm('3', 'Web server') },
  pulsy: { id: 'PULSY-ARCHIVE', host: 'archive.pulsy.example', type: dcm('4', 'Application server') },
  ia: { id: 'IA', host: 'ia.ght-aube.example', type: dcm('4', 'Application server') }
};

const iso = (at: number) => new Date(at).toISOString();

export function person(who: Person): Participant {
  const role: Coded = { code: who.job, system: 'GHT-AUBE', text: jobTitles[who.job] };
  return {
    userId: who.login,
    userName: who.name,
    requestor: true,
    roles: [role],
    accessPoint: who.workstation,
    accessPointType: 2
  };
}

export function application(
  ae: string,
  role: 'source' | 'destination',
  host: string,
  requestor = false
): Participant {
  const coded = role === 'source' ? dcm('110153', 'Source Role ID') : dcm('110152', 'Destination Role ID');
  return {
    userId: ae,
    alternativeUserId: `AETITLE=${ae}`,
    requestor,
    roles: [coded],
    accessPoint: host,
    accessPointType: 1
  };
}

const patientObject = ({ ipp, family, given }: Patient): ParticipantObject => ({
  id: `${ipp}^^^GHT&${ippAuthority}&ISO^PI`,
  idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
  type: 1,
  role: 1,
  name: `${family}^${given}`
});

const studyObject = (exam: Exam, lifeCycle: number): ParticipantObject => ({
  id: exam.study,
  idType: dcm('110180', 'Study Instance UID'),
  type: 2,
  role: 3,
  lifeCycle,
  accessions: [exam.accession],
  sopClasses: [{ uid: mixes[exam.modality]?.sopClass ?? '', instances: exam.images }]
});

interface Told {
  readonly at: number;
  readonly system: string;
  readonly event: Coded;
  readonly action: AuditMessage['action'];
  readonly participants: readonly Participant[];
  readonly site?: string;
  readonly types?: readonly Coded[];
  readonly outcome?: AuditMessage['outcome'];
  readonly purposes?: readonly Coded[];
  readonly objects?: readonly ParticipantObject[];
}

/** One audit message of one system. */
export function audit(told: Told): { at: number; kind: 'audit'; system: string; message: AuditMessage } {
  const source = auditSources[told.system];
  if (!source) throw new Error(`${told.system} writes no audits`);
  return {
    at: told.at,
    kind: 'audit',
    system: told.system,
    message: {
      event: told.event,
      action: told.action,
      outcome: told.outcome ?? 0,
      dateTime: iso(told.at),
      participants: told.participants,
      sourceId: source.id,
      sourceTypes: [source.type],
      ...(told.site !== undefined && { enterpriseSiteId: told.site }),
      ...(told.types && { eventTypes: told.types }),
      ...(told.purposes && { purposes: told.purposes }),
      ...(told.objects && { objects: told.objects })
    }
  };
}

/** Images moved: told by the destination (PS3.15 A.5.3.4). */
export function transferred(exam: Exam, at: number, system: string, from: string, to: string, site: string) {
  const host = auditSources[system]?.host ?? '';
  return audit({
    at,
    system,
    event: dcm('110104', 'DICOM Instances Transferred'),
    action: 'C',
    site,
    participants: [application(from, 'source', host, true), application(to, 'destination', host)],
    objects: [studyObject(exam, 1), patientObject(exam.patient)]
  });
}

/** Images looked at (PS3.15 A.5.3.3). */
export function accessed(
  exam: Pick<Exam, 'study' | 'accession' | 'patient' | 'modality' | 'images'> & Exam,
  at: number,
  system: string,
  who: Person,
  site: string,
  options: { readonly emergency?: boolean } = {}
) {
  return audit({
    at,
    system,
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    site,
    participants: [
      person(who),
      application(auditSources[system]?.id ?? '', 'source', auditSources[system]?.host ?? '')
    ],
    ...(options.emergency && {
      types: [dcm('110127', 'Emergency Override Started')],
      purposes: [{ code: 'bris_de_glace', system: '1.2.250.1.213.1.1.4.248', text: 'Bris de glace' }]
    }),
    objects: [studyObject(exam, 6), patientObject(exam.patient)]
  });
}

/** A search, before images are opened (PS3.15 A.5.3.10). */
export function searched(exam: Exam, at: number, system: string, who: Person, site: string) {
  return audit({
    at,
    system,
    event: dcm('110112', 'Query'),
    action: 'E',
    site,
    participants: [
      person(who),
      application(auditSources[system]?.id ?? '', 'destination', auditSources[system]?.host ?? '')
    ],
    objects: [
      {
        id: '1.2.840.10008.5.1.4.1.2.2.1',
        idType: dcm('110181', 'SOP Class UID'),
        type: 2,
        role: 3,
        query: 'PatientID'
      },
      patientObject(exam.patient)
    ]
  });
}

/** A patient looks at their own images on the portal. */
export function portalAccess(exam: Exam, at: number, site: string) {
  const { ipp, family, given } = exam.patient;
  const who: Participant = {
    userId: `patient:${ipp}`,
    userName: `${given} ${family}`,
    requestor: true,
    roles: [{ code: 'patient', system: 'GHT-AUBE', text: 'Patient' }]
  };
  return audit({
    at,
    system: 'emage',
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    site,
    participants: [who, application('E-MAGE', 'source', auditSources['emage']?.host ?? '')],
    objects: [studyObject(exam, 6), patientObject(exam.patient)]
  });
}

/** Export on a medium (PS3.15 A.5.3.6), deletion (A.5.3.5). */
export function exported(exam: Exam, at: number, who: Person, site: string) {
  return audit({
    at,
    system: 'deepunity',
    event: dcm('110106', 'Export'),
    action: 'R',
    site,
    participants: [person(who)],
    objects: [studyObject(exam, 10), patientObject(exam.patient)]
  });
}
export function deleted(exam: Exam, at: number, who: Person, site: string) {
  return audit({
    at,
    system: 'deepunity',
    event: dcm('110105', 'DICOM Study Deleted'),
    action: 'D',
    site,
    participants: [person(who)],
    objects: [studyObject(exam, 14), patientObject(exam.patient)]
  });
}

/** Sign-in and sign-out at a workstation (PS3.15 A.5.3.14); a failure has outcome 4. */
export function authentication(who: Person, at: number, what: 'in' | 'out' | 'failed', site: string) {
  const type = what === 'out' ? dcm('110123', 'Logout') : dcm('110122', 'Login');
  return audit({
    at,
    system: 'viewer',
    event: dcm('110114', 'User Authentication'),
    types: [type],
    action: 'E',
    outcome: what === 'failed' ? 4 : 0,
    site,
    participants: [person(who)]
  });
}

/** A node was refused (PS3.15 A.5.3.13). */
export function nodeRefused(at: number, ae: string, site: string) {
  return audit({
    at,
    system: 'deepunity',
    event: dcm('110113', 'Security Alert'),
    types: [dcm('110126', 'Node Authentication')],
    action: 'E',
    outcome: 8,
    site,
    participants: [application(ae, 'source', 'inconnu')]
  });
}

/** The VNA looks at what the PACS holds: life of the platform, day and night. */
export function technicalQuery(at: number) {
  return audit({
    at,
    system: 'vna',
    event: dcm('110112', 'Query'),
    action: 'E',
    participants: [
      application('VNA', 'source', auditSources['vna']?.host ?? '', true),
      application('DEEPUNITY', 'destination', auditSources['deepunity']?.host ?? '')
    ],
    objects: [
      {
        id: '1.2.840.10008.5.1.4.1.2.2.1',
        idType: dcm('110181', 'SOP Class UID'),
        type: 2,
        role: 3,
        query: 'U3R1ZHlEYXRl'
      }
    ]
  });
}
