import type { Repair } from './repair.ts';

/** A coded value as told: `csd-code` or `code`, coding system, and its words. */
export interface ToldCode {
  readonly code: string;
  readonly system: string;
  readonly text: string;
}

export interface ToldParticipant {
  readonly userId: string;
  readonly alternativeUserId: string;
  readonly userName: string;
  /** null when the sender did not say. */
  readonly requestor: boolean | null;
  /** UserTypeCode: 1 person, 2 application (DICOM CP-1640). */
  readonly userType: string;
  /** Code of UserIDTypeCode: 110119 station AE title, 113871 person id … */
  userIdType: string;
  readonly roles: ToldCode[];
  readonly accessPoint: string;
  /** NetworkAccessPointTypeCode: 1 name, 2 IP address, 3 telephone, 4 e-mail, 5 URI. */
  readonly accessPointType: string;
}

export interface ToldObject {
  readonly id: string;
  readonly type: string;
  readonly role: string;
  readonly lifeCycle: string;
  idType: ToldCode | null;
  name: string;
  readonly studies: string[];
  readonly accessions: string[];
  readonly sopClasses: { readonly uid: string; instances: number | null; listed: number }[];
  readonly modalities: string[];
}

/** One audit event as told, of any era of PS3.15 A.5: nothing is interpreted, only found. */
export interface ToldEvent {
  id: ToldCode | null;
  readonly types: ToldCode[];
  action: string;
  dateTime: string;
  outcome: string;
  readonly purposes: ToldCode[];
  readonly participants: ToldParticipant[];
  /** Of the first AuditSourceIdentification. */
  sourceId: string;
  readonly otherSources: string[];
  enterpriseSite: string;
  sources: number;
  readonly objects: ToldObject[];
  readonly repairs: Set<Repair>;
}

export function emptyEvent(): ToldEvent {
  return {
    id: null,
    types: [],
    action: '',
    dateTime: '',
    outcome: '',
    purposes: [],
    participants: [],
    sourceId: '',
    otherSources: [],
    enterpriseSite: '',
    sources: 0,
    objects: [],
    repairs: new Set()
  };
}
