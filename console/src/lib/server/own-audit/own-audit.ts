import { buildAuditMessage, dcm, type AuditMessage, type Coded } from '@vigie/schemas/audit-message';
import type { Doer } from '@vigie/schemas/own-audit';
import type { Reader } from '../access/reader.ts';

/** What Vigie does with the log is itself in the log. The collector keeps it; without its answer nothing is shown. */
export interface OwnAudit {
  /** Writes one message and resolves with its id once it is on disk. @throws {OwnAuditError} */
  record(message: AuditMessage): Promise<string>;
}

/** The act could not be written, so it may not be carried out. */
export class OwnAuditError extends Error {
  readonly code = 'own-audit-unavailable';
}

/** The collector's own lane, over HTTP. */
export function ownAudit(collectorUrl: string, key: () => string): OwnAudit {
  return {
    async record(message) {
      let response: Response;
      try {
        response = await fetch(`${collectorUrl}/v1/own`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key()}`, 'content-type': 'application/xml' },
          body: buildAuditMessage(message),
          signal: AbortSignal.timeout(5000)
        });
      } catch (cause) {
        throw new OwnAuditError('the collector does not answer', { cause });
      }
      if (!response.ok) throw new OwnAuditError(`the collector answered ${response.status}`);
      const { id } = (await response.json()) as { id: string };
      return id;
    }
  };
}

/** A reader as the one who let something be done. */
export const doerOf = (reader: Reader, address: string): Doer => user(reader, address);

const user = (reader: Pick<Reader, 'login' | 'name' | 'role'>, address: string) => ({
  userId: reader.login,
  userName: reader.name,
  requestor: true,
  roles: [{ code: reader.role, system: 'VIGIE', text: reader.role }],
  accessPoint: address,
  accessPointType: 2 as const
});

/** Whoever signs in or out: an account of vigie.yaml, or undefined for a name that none has. */
type Account = Pick<Reader, 'login' | 'name' | 'role'> | undefined;

/**
 * Sign-in, sign-out and their failures: DICOM PS3.15 A.5.3.14 User Authentication.
 * What was typed for an account that does not exist may be a password: it is not told.
 * @param what `failure` a wrong password (outcome 4); `locked` too many of them, sign-in is refused for a while (outcome 8)
 */
export function authentication(
  what: 'login' | 'failure' | 'locked' | 'logout',
  account: Account,
  address: string
): AuditMessage {
  const outcomes = { login: 0, failure: 4, locked: 8, logout: 0 } as const;
  const participant = account
    ? user(account, address)
    : { userId: 'no-such-account', requestor: true, accessPoint: address, accessPointType: 2 as const };
  return {
    event: dcm('110114', 'User Authentication'),
    eventTypes: [what === 'logout' ? dcm('110123', 'Logout') : dcm('110122', 'Login')],
    action: 'E',
    outcome: outcomes[what],
    dateTime: new Date().toISOString(),
    participants: [participant],
    sourceId: 'VIGIE'
  };
}

/** A password was changed: Security Alert, User Security Attributes Changed (DICOM PS3.15 A.5.3.13). */
export function passwordChanged(reader: Reader, address: string): AuditMessage {
  return {
    event: dcm('110113', 'Security Alert'),
    eventTypes: [dcm('110137', 'User Security Attributes Changed')],
    action: 'E',
    outcome: 0,
    dateTime: new Date().toISOString(),
    participants: [user(reader, address)],
    sourceId: 'VIGIE'
  };
}

/**
 * Export of accesses: DICOM PS3.15 A.5.3.6 Export (110106). The file goes to who asked for it.
 * @param what the page's address with its exact window, the format, and the id of the export
 */
export function exported(
  reader: Reader,
  address: string,
  what: { readonly about: string; readonly format: string; readonly id: string }
): AuditMessage {
  return {
    event: dcm('110106', 'Export'),
    eventTypes: [{ code: what.format, system: 'VIGIE', text: what.format }],
    action: 'R',
    outcome: 0,
    dateTime: new Date().toISOString(),
    participants: [
      user(reader, address),
      { userId: 'vigie-console', requestor: false, roles: [dcm('110153', 'Source')] }
    ],
    sourceId: 'VIGIE',
    objects: [
      { id: what.about, idType: { code: '12', system: 'RFC-3881', text: 'URI' }, type: 2, role: 13 },
      { id: `export:${what.id}`, idType: { code: '12', system: 'RFC-3881', text: 'URI' }, type: 2, role: 20 }
    ]
  };
}

/** Why the log is read: purposes of the DPO. */
export const purposes = ['patient-request', 'complaint', 'control', 'incident', 'authority'] as const;
export type Purpose = (typeof purposes)[number];

/**
 * Audit Log Used: DICOM PS3.15 A.5.3.2.
 * @param what list a page of events, search a patient, or open identities or a raw message of one event; `about` is the
 * page's address, the event's id, or the pseudonyms searched, never an identifier
 */
export function logUsed(
  reader: Reader,
  address: string,
  what: {
    readonly act:
      'list' | 'patient-search' | 'user-search' | 'study-search' | 'reveal' | 'raw' | 'proof' | 'evidence';
    readonly about: string | readonly string[];
    readonly purpose?: Purpose;
    readonly reference?: string;
  }
): AuditMessage {
  const purposesOfUse: Coded[] = what.purpose
    ? [{ code: what.purpose, system: 'VIGIE', text: what.reference ?? what.purpose }]
    : [];
  return {
    event: dcm('110101', 'Audit Log Used'),
    eventTypes: [{ code: what.act, system: 'VIGIE', text: what.act }],
    action: 'R',
    outcome: 0,
    dateTime: new Date().toISOString(),
    purposes: purposesOfUse,
    participants: [user(reader, address)],
    sourceId: 'VIGIE',
    objects: [what.about].flat().map((id) => ({
      id,
      idType: { code: '12', system: 'RFC-3881', text: 'URI' },
      type: 2,
      role: 13
    }))
  };
}
