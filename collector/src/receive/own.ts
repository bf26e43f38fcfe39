import { buildAuditMessage, dcm } from '@vigie/schemas/audit-message';
import type { Reception } from '../reception.ts';

/**
 * Application Start or Stop (DICOM PS3.15 A.5.3.1) of the collector itself, for the own lane.
 * @param collector id of the collector
 * @param at ms since 1970
 */
export function ownActivity(what: 'start' | 'stop', collector: string, at: number): Reception {
  const xml = buildAuditMessage({
    event: dcm('110100', 'Application Activity'),
    eventTypes: [what === 'start' ? dcm('110120', 'Application Start') : dcm('110121', 'Application Stop')],
    action: 'E',
    outcome: 0,
    dateTime: new Date(at).toISOString(),
    participants: [
      { userId: `vigie-collector-${collector}`, requestor: false, roles: [dcm('110150', 'Application')] }
    ],
    sourceId: 'VIGIE'
  });
  return {
    raw: Buffer.from(xml),
    format: 'own-audit',
    transport: 'self',
    peer: '127.0.0.1',
    source: 'vigie',
    receivedAt: at
  };
}
