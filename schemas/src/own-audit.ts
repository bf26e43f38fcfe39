import { dcm, type AuditMessage, type Coded } from './audit-message.ts';

/** Process of Vigie that acts by itself, as its participant is called: `vigie-<name>`. */
const processOf = (name: string) => ({
  userId: `vigie-${name}`,
  requestor: false,
  roles: [dcm('110150', 'Application')]
});

const vigie = (code: string, text: string): Coded => ({ code, system: 'VIGIE', text });

/**
 * Application Start or Stop of one process: DICOM PS3.15 A.5.3.1.
 * @param process such as `collector-c1`
 * @param at ms since 1970
 */
export function applicationActivity(what: 'start' | 'stop', process: string, at: number): AuditMessage {
  return {
    event: dcm('110100', 'Application Activity'),
    eventTypes: [what === 'start' ? dcm('110120', 'Application Start') : dcm('110121', 'Application Stop')],
    action: 'E',
    outcome: 0,
    dateTime: new Date(at).toISOString(),
    participants: [processOf(process)],
    sourceId: 'VIGIE'
  };
}

/**
 * Security Alert, Software Configuration (DICOM PS3.15 A.5.3.13): a process took in another vigie.yaml than the last time.
 * Each changed part is an event type, `config:<part>`; a change of accounts is told as 110136 too.
 * @param digest SHA-256 of the file, hexadecimal, as sha256sum prints it
 */
export function configurationChanged(
  process: string,
  at: number,
  change: { readonly digest: string; readonly parts: readonly string[] }
): AuditMessage {
  return {
    event: dcm('110113', 'Security Alert'),
    eventTypes: [
      dcm('110131', 'Software Configuration'),
      ...(change.parts.includes('accounts') ? [dcm('110136', 'Security Roles Changed')] : []),
      ...change.parts.map((part) => vigie(`config:${part}`, `vigie.yaml: ${part}`))
    ],
    action: 'E',
    outcome: 0,
    dateTime: new Date(at).toISOString(),
    participants: [processOf(process)],
    sourceId: 'VIGIE',
    objects: [
      {
        id: `sha256:${change.digest}`,
        idType: { code: '12', system: 'RFC-3881', text: 'URI' },
        type: 2,
        role: 13,
        name: 'vigie.yaml'
      }
    ]
  };
}

/**
 * Security Alert, Use of Restricted Function (DICOM PS3.15 A.5.3.13): an operator's command that changes or opens stored data.
 * It is written, and acknowledged, before anything is touched.
 * @param told.act words of the command joined by hyphens, such as `retention-purge`
 * @param told.plan digest of what is about to be done, as the preview showed it
 * @param told.reason the operator's, without patient or person
 */
export function operatorAct(told: {
  readonly act: string;
  readonly operator: string;
  readonly host: string;
  readonly reason: string;
  readonly plan: string;
  readonly at: number;
}): AuditMessage {
  const keys = told.act.endsWith('rotate');
  return {
    event: dcm('110113', 'Security Alert'),
    eventTypes: [
      keys ? dcm('110129', 'Security Configuration') : dcm('110132', 'Use of Restricted Function'),
      vigie(told.act, told.act)
    ],
    action: 'E',
    outcome: 0,
    dateTime: new Date(told.at).toISOString(),
    purposes: [vigie(told.act, told.reason)],
    participants: [
      {
        userId: told.operator,
        userName: told.operator,
        requestor: true,
        roles: [vigie('operator', 'operator')],
        accessPoint: told.host,
        accessPointType: 1
      },
      processOf('command')
    ],
    sourceId: 'VIGIE',
    objects: [
      {
        id: `plan:${told.plan}`,
        idType: { code: '12', system: 'RFC-3881', text: 'URI' },
        type: 2,
        role: 13
      }
    ]
  };
}

/** Who let something be done: a signed-in reader, an operator, or a process of Vigie. */
export type Doer = AuditMessage['participants'][number];

export const operator = (name: string, host: string): Doer => ({
  userId: name,
  userName: name,
  requestor: true,
  roles: [vigie('operator', 'operator')],
  accessPoint: host,
  accessPointType: 1
});

/** What a verification or a publishing came to, as event types `name:value`: ids of objects are not kept in clear. */
const toldTypes = (told: Readonly<Record<string, string | number | undefined>>): Coded[] =>
  Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => vigie(`${name}:${value}`, name));

/**
 * A verification of evidence has ended: Audit Log Used (DICOM PS3.15 A.5.3.2), event type `evidence-verify`, outcome 8 when
 * something was found, 4 when it was stopped before its end.
 * @param told.from,told.to period asked for, ms since 1970; left out where it was open
 */
export function evidenceVerified(
  doer: Doer,
  at: number,
  told: {
    readonly level: 1 | 2;
    readonly blocks: number;
    readonly records: number;
    readonly found: number;
    readonly cancelled: boolean;
    readonly lanes?: readonly string[] | undefined;
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    /** What of a scheduled one it was: what is new, a part of the old, or days where something was found before. */
    readonly part?: 'new' | 'old' | 'again' | undefined;
  }
): AuditMessage {
  const { level, blocks, records, found, lanes, from, to, part } = told;
  return {
    event: dcm('110101', 'Audit Log Used'),
    eventTypes: [
      vigie('evidence-verify', 'evidence-verify'),
      ...toldTypes({ level, blocks, records, found, lanes: lanes?.join('+'), from, to, part })
    ],
    action: 'R',
    outcome: found > 0 ? 8 : told.cancelled ? 4 : 0,
    dateTime: new Date(at).toISOString(),
    participants: [doer],
    sourceId: 'VIGIE'
  };
}

/**
 * The heads of the chains were sent somewhere: Export (DICOM PS3.15 A.5.3.6), event type `evidence-publish`, outcome 8 when that failed.
 * @param told.sha256 of the head's file, hexadecimal
 */
export function headPublished(
  doer: Doer,
  at: number,
  told: { readonly where: string; readonly good: boolean; readonly sha256: string }
): AuditMessage {
  return {
    event: dcm('110106', 'Export'),
    eventTypes: [
      vigie('evidence-publish', 'evidence-publish'),
      ...toldTypes({ where: told.where, sha256: told.sha256.slice(0, 32) })
    ],
    action: 'R',
    outcome: told.good ? 0 : 8,
    dateTime: new Date(at).toISOString(),
    participants: [doer],
    sourceId: 'VIGIE'
  };
}

/** A process of Vigie as the one who did something: such as `watch`. */
export const processDoer = (name: string): Doer => processOf(name);

/**
 * A report was made and kept, or its file given out: Export (DICOM PS3.15 A.5.3.6), event type `report-made` or `report-taken`. Written before.
 * @param told.about its address, such as `/reports/2026-10/troyes`
 */
export function reportExported(
  doer: Doer,
  at: number,
  told: { readonly act: 'report-made' | 'report-taken'; readonly about: string }
): AuditMessage {
  return {
    event: dcm('110106', 'Export'),
    eventTypes: [vigie(told.act, told.act), vigie(`about:${told.about}`, 'about')],
    action: 'R',
    outcome: 0,
    dateTime: new Date(at).toISOString(),
    participants: [doer],
    sourceId: 'VIGIE'
  };
}

/**
 * Messages that waited for another repository were taken out of its queue: Export (DICOM PS3.15 A.5.3.6), event type `forward-withdrawn`
 * (what they tell was erased, unlinked or purged) or `forward-expired` (they waited too long: outcome 4).
 * @param told.because id of the operator's act
 */
export function forwardTakenOut(
  process: string,
  at: number,
  told: {
    readonly target: string;
    readonly why: 'withdrawn' | 'expired';
    readonly messages: number;
    readonly because?: string | undefined;
  }
): AuditMessage {
  const { target, why, messages, because } = told;
  return {
    event: dcm('110106', 'Export'),
    eventTypes: [vigie(`forward-${why}`, `forward-${why}`), ...toldTypes({ target, messages, because })],
    action: 'D',
    outcome: why === 'expired' ? 4 : 0,
    dateTime: new Date(at).toISOString(),
    participants: [processOf(process)],
    sourceId: 'VIGIE'
  };
}
