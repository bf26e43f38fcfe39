import { dcm, type AuditMessage, type Coded, type Participant } from '@vigie/schemas/audit-message';
import type { SearchToken } from '../session/tokens.ts';
import type { Purpose } from './own-audit.ts';

/** Why identities or raw messages are opened. */
export interface Reason {
  readonly purpose: Purpose;
  /** What it rests on, such as the number of a request. */
  readonly reference: string;
}

type Asker = Pick<SearchToken, 'id' | 'name' | 'role'>;

/** A program that asks: it is named by its token. */
const asker = (token: Asker, address: string): Participant => ({
  userId: `token:${token.name}`,
  alternativeUserId: token.id,
  requestor: true,
  roles: [dcm('110150', 'Application'), { code: token.role, system: 'VIGIE', text: token.role }],
  accessPoint: address,
  accessPointType: 2
});

const transaction = (code: 'ITI-81' | 'ITI-82'): Coded => ({ code, system: 'IHE Transactions', text: code });

const purposesOf = (reason: Reason | undefined): Coded[] =>
  reason ? [{ code: reason.purpose, system: 'VIGIE', text: reason.reference }] : [];

/**
 * A search of the log: DICOM PS3.15 Query (110112), as ITI-81 and ITI-82 want it.
 * @param query parameters in URL form, patients and persons as pseudonyms
 */
export function searched(
  token: Asker,
  address: string,
  iti: 'ITI-81' | 'ITI-82',
  query: string,
  reason?: Reason
): AuditMessage {
  return {
    event: dcm('110112', 'Query'),
    eventTypes: [transaction(iti)],
    action: 'E',
    outcome: 0,
    dateTime: new Date().toISOString(),
    purposes: purposesOf(reason),
    participants: [
      asker(token, address),
      { userId: 'vigie-console', requestor: false, roles: [dcm('110153', 'Source')] }
    ],
    sourceId: 'VIGIE',
    objects: [
      {
        id: iti === 'ITI-81' ? 'AuditEvent' : 'syslogsearch',
        idType: transaction(iti),
        type: 2,
        role: 24,
        query: Buffer.from(query).toString('base64')
      }
    ]
  };
}

/** Events that were read one by one, or whose identities or raw messages are opened: Audit Log Used (110101). */
export function eventsUsed(
  token: Asker,
  address: string,
  act: 'read' | 'reveal' | 'raw',
  ids: readonly string[],
  reason?: Reason
): AuditMessage {
  return {
    event: dcm('110101', 'Audit Log Used'),
    eventTypes: [{ code: act, system: 'VIGIE', text: act }],
    action: 'R',
    outcome: 0,
    dateTime: new Date().toISOString(),
    purposes: purposesOf(reason),
    participants: [asker(token, address)],
    sourceId: 'VIGIE',
    objects: ids.map((id) => ({
      id: `AuditEvent/${id}`,
      idType: { code: '12', system: 'RFC-3881', text: 'URI' },
      type: 2,
      role: 13
    }))
  };
}

/** A search token was made or revoked by the operator: Security Alert, User Security Attributes Changed (110137). */
export function tokenChanged(
  what: 'created' | 'revoked',
  token: Asker & Pick<SearchToken, 'establishments' | 'rights'>,
  at: number
): AuditMessage {
  const scope = token.establishments === 'all' ? ['all'] : token.establishments;
  return {
    event: dcm('110113', 'Security Alert'),
    eventTypes: [
      dcm('110137', 'User Security Attributes Changed'),
      { code: `token:${what}`, system: 'VIGIE', text: `search token ${what}` }
    ],
    action: what === 'created' ? 'C' : 'D',
    outcome: 0,
    dateTime: new Date(at).toISOString(),
    participants: [{ userId: 'vigie-operator', requestor: true, roles: [dcm('110150', 'Application')] }],
    sourceId: 'VIGIE',
    objects: [
      {
        id: `token:${token.id}`,
        idType: { code: '12', system: 'RFC-3881', text: 'URI' },
        type: 2,
        role: 13,
        name: `${token.name}, ${token.role}, ${[...scope, ...token.rights].join(' ')}`
      }
    ]
  };
}
