import { buildAuditMessage, type AuditMessage } from '@vigie/schemas/audit-message';
import type { SystemKind } from '@vigie/schemas';
import type { Speaker } from '../group/platform.ts';

/** How systems of a kind write: coded values of before 2016, a byte order mark, their own MSGID. */
interface Dialect {
  readonly old: boolean;
  readonly mark: '' | '\ufeff';
  readonly id: string;
}

const usual: Dialect = { old: false, mark: '', id: 'IHE+RFC-3881' };
const dialects: Readonly<Partial<Record<SystemKind, Dialect>>> = {
  vna: { old: true, mark: '', id: 'IHE+DICOM' },
  portal: { old: true, mark: '', id: 'DICOM+RFC3881' },
  archive: { old: false, mark: '\ufeff', id: 'IHE+RFC-3881' },
  ai: { old: false, mark: '', id: 'AUDIT' }
};

/**
 * A syslog message (RFC 5424) with a system's audit message, without framing. It leaves its sender within the second.
 * @returns text; UTF-8 on the wire
 */
export function syslogMessage(by: Speaker, message: AuditMessage): string {
  const { old, mark, id } = dialects[by.kind] ?? usual;
  const xml = buildAuditMessage(message);
  const at = Date.parse(message.dateTime);
  const sent = new Date(at + 40 + (at % 700)).toISOString();
  return `<85>1 ${sent} ${by.host} ${by.auditSource} - ${id} - ${mark}<?xml version="1.0" encoding="UTF-8"?>${old ? asBefore2016(xml) : xml}`;
}

/** `code` for `csd-code`, and what describes an object directly in it (DICOM to 2015). */
function asBefore2016(xml: string): string {
  return xml
    .replaceAll(' csd-code=', ' code=')
    .replaceAll('<ParticipantObjectDescription>', '')
    .replaceAll('</ParticipantObjectDescription>', '');
}

/** Octet-counted frame (RFC 5425, RFC 6587). */
export function octetFrame(text: string): string {
  return `${Buffer.byteLength(text)} ${text}`;
}
