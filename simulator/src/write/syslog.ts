import { buildAuditMessage, type AuditMessage } from '@vigie/schemas/audit-message';
import { auditSources } from '../plan/audits.ts';

/** Systems that still write the coded values of before 2016. */
const older = new Set(['vna', 'emage']);

/** A syslog message (RFC 5424) with the audit message of a system, as bytes without framing. */
export function syslogMessage(system: string, message: AuditMessage): string {
  const source = auditSources[system];
  const xml = buildAuditMessage(message);
  const body = older.has(system) ? xml.replaceAll('csd-code=', 'code=') : xml;
  return `<85>1 ${message.dateTime} ${source?.host ?? '-'} ${source?.id ?? '-'} - IHE+RFC-3881 - <?xml version="1.0" encoding="UTF-8"?>${body}`;
}

/** Octet-counted frame (RFC 5425, RFC 6587). */
export function octetFrame(text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${body.length} `), body]);
}
