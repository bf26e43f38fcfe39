import { dcm, type Coded, type Participant } from '@vigie/schemas/audit-message';
import type { Patient } from '../group/patients.ts';
import type { Person } from '../group/people.ts';
import type { Speaker } from '../group/platform.ts';
import {
  application,
  audit,
  both,
  lifeCycle,
  node,
  patientObject,
  person,
  queryObject,
  type Scene,
  type Study
} from './audit-parts.ts';
import type { Happening } from './event.ts';

/** A system begins to send a study (PS3.15 A.5.3.3). */
export function begins(study: Study, at: number, by: Speaker, to: Speaker, scene: Scene): Happening {
  return audit({
    at,
    by,
    event: dcm('110102', 'Begin Transferring DICOM Instances'),
    action: 'E',
    scene,
    participants: [application(by, 'source', true), application(to, 'destination')],
    objects: both(study, by, scene, lifeCycle.created)
  });
}

/** Images arrived: told by the destination (PS3.15 A.5.3.7). */
export function transferred(
  study: Study,
  at: number,
  by: Speaker,
  from: string,
  host: string,
  scene: Scene
): Happening {
  return audit({
    at,
    by,
    event: dcm('110104', 'DICOM Instances Transferred'),
    action: 'C',
    scene,
    participants: [node(from, 'source', host, true), application(by, 'destination')],
    objects: both(study, by, scene, lifeCycle.created)
  });
}

/** Breaking the glass: the reason a French care record asks for, as a purpose of use. */
const emergencyPurpose: Coded = {
  code: 'bris_de_glace',
  system: '1.2.250.1.213.1.1.4.248',
  text: 'Bris de glace'
};

/** Images looked at (PS3.15 A.5.3.6). */
export function accessed(
  study: Study,
  at: number,
  by: Speaker,
  who: Person,
  scene: Scene,
  options: { readonly emergency?: boolean } = {}
): Happening {
  return audit({
    at,
    by,
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    scene,
    participants: [person(who), application(by, 'source')],
    ...(options.emergency && { purposes: [emergencyPurpose] }),
    objects: both(study, by, scene, lifeCycle.read)
  });
}

/** The glass is broken: a security alert (PS3.15 A.5.3.11). */
export function emergencyStarted(
  patient: Patient,
  at: number,
  by: Speaker,
  who: Person,
  scene: Scene
): Happening {
  return audit({
    at,
    by,
    event: dcm('110113', 'Security Alert'),
    types: [dcm('110127', 'Emergency Override Started')],
    action: 'E',
    scene,
    participants: [person(who)],
    objects: [patientObject(patient, by, scene)]
  });
}

/** A search, before images are opened (PS3.15 A.5.3.10). */
export function searched(
  patient: Patient,
  at: number,
  by: Speaker,
  who: Person,
  scene: Scene,
  key: 'PatientID' | 'PatientName' = 'PatientID'
): Happening {
  const value = key === 'PatientID' ? patient.ipp : `${patient.family}^${patient.given}`;
  return audit({
    at,
    by,
    event: dcm('110112', 'Query'),
    action: 'E',
    scene,
    participants: [person(who), application(by, 'destination')],
    objects: [queryObject(`${key}=${value}`), patientObject(patient, by, scene)]
  });
}

/** One system looks at what another holds: life of the platform, day and night. */
export function technicalQuery(at: number, by: Speaker, of: Speaker): Happening {
  return audit({
    at,
    by,
    event: dcm('110112', 'Query'),
    action: 'E',
    participants: [application(by, 'source', true), application(of, 'destination')],
    objects: [queryObject('QueryRetrieveLevel=STUDY')]
  });
}

/** An order is written, a patient's file opened or corrected (PS3.15 A.5.3.13, A.5.3.14). */
export function recorded(
  what: 'order' | 'patient',
  action: 'C' | 'R' | 'U',
  patient: Patient,
  at: number,
  by: Speaker,
  who: Person,
  scene: Scene
): Happening {
  return audit({
    at,
    by,
    event: what === 'order' ? dcm('110109', 'Order Record') : dcm('110110', 'Patient Record'),
    action,
    scene,
    participants: [person(who)],
    objects: [patientObject(patient, by, scene)]
  });
}

/** A patient looks at their own images on the portal. */
export function portalAccess(study: Study, at: number, by: Speaker, scene: Scene): Happening {
  const { ipp, family, given } = study.patient;
  const who: Participant = {
    userId: `patient:${ipp}`,
    userName: `${given} ${family}`,
    requestor: true,
    roles: [{ code: 'patient', system: 'GHT-AUBE', text: 'Patient' }]
  };
  return audit({
    at,
    by,
    event: dcm('110103', 'DICOM Instances Accessed'),
    action: 'R',
    scene,
    participants: [who, application(by, 'source')],
    objects: both(study, by, scene, lifeCycle.read)
  });
}

/** Export on a medium (PS3.15 A.5.3.4). */
export function exported(study: Study, at: number, by: Speaker, who: Person, scene: Scene): Happening {
  const medium: Participant = {
    userId: 'GRAVEUR',
    requestor: false,
    roles: [dcm('110154', 'Destination Media')]
  };
  return audit({
    at,
    by,
    event: dcm('110106', 'Export'),
    action: 'R',
    scene,
    participants: [person(who), medium],
    objects: both(study, by, scene, lifeCycle.exported)
  });
}

/** A study is deleted (PS3.15 A.5.3.8). */
export function deleted(study: Study, at: number, by: Speaker, who: Person, scene: Scene): Happening {
  return audit({
    at,
    by,
    event: dcm('110105', 'DICOM Study Deleted'),
    action: 'D',
    scene,
    participants: [person(who)],
    objects: both(study, by, scene, lifeCycle.deleted)
  });
}

/** Sign-in and sign-out at a workstation (PS3.15 A.5.3.12); a wrong password is a minor failure, a locked account a serious one. */
export function authentication(
  who: Person,
  at: number,
  by: Speaker,
  what: 'in' | 'out' | 'wrong' | 'locked',
  scene: Scene
): Happening {
  return audit({
    at,
    by,
    event: dcm('110114', 'User Authentication'),
    types: [what === 'out' ? dcm('110123', 'Logout') : dcm('110122', 'Login')],
    action: 'E',
    outcome: what === 'wrong' ? 4 : what === 'locked' ? 8 : 0,
    scene,
    participants: [person(who)]
  });
}

/** A node was refused (PS3.15 A.5.3.11). */
export function nodeRefused(at: number, by: Speaker, ae: string, address: string, scene: Scene): Happening {
  const stranger: Participant = { ...node(ae, 'source', address, true), accessPointType: 2 };
  return audit({
    at,
    by,
    event: dcm('110113', 'Security Alert'),
    types: [dcm('110126', 'Node Authentication')],
    action: 'E',
    outcome: 8,
    scene,
    participants: [stranger]
  });
}

/** An application has started again (PS3.15 A.5.3.1). */
export function started(at: number, by: Speaker): Happening {
  return audit({
    at,
    by,
    event: dcm('110100', 'Application Activity'),
    types: [dcm('110120', 'Application Start')],
    action: 'E',
    participants: [
      {
        userId: by.auditSource,
        requestor: false,
        roles: [dcm('110150', 'Application')],
        accessPoint: by.host,
        accessPointType: 1
      }
    ]
  });
}

/** A vendor works on a system from afar (PS3.15 A.5.3.11). */
export function remoteService(who: Person, at: number, by: Speaker, what: 'begins' | 'ends'): Happening {
  return audit({
    at,
    by,
    event: dcm('110113', 'Security Alert'),
    types: [
      what === 'begins'
        ? dcm('110139', 'Remote Service Operation Started')
        : dcm('110140', 'Remote Service Operation Stopped')
    ],
    action: 'E',
    participants: [person(who)]
  });
}
