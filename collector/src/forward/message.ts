import { z } from 'zod';
import type { Reception } from '../reception.ts';

const priority = /^<\d{1,3}>/;
const JsonAudit = z.object({ xml: z.string() });

/**
 * A message as one RFC 5425 frame. A syslog message goes on byte for byte; a bare document (as over HTTP, or without a header)
 * gets a header of Vigie's around its own bytes. Null when a JSON record holds no document.
 */
export function syslogFrame(reception: Reception): Buffer | null {
  const { format, raw, receivedAt } = reception;
  const body = format === 'json-audit' ? documentIn(raw) : raw;
  if (body === null) return null;
  const whole = format === 'syslog' && priority.test(raw.toString('latin1', 0, 5));
  const header = whole ? '' : `<85>1 ${new Date(receivedAt).toISOString()} - vigie - IHE+RFC-3881 - `;
  const length = Buffer.byteLength(header) + body.length;
  return Buffer.concat([Buffer.from(`${length} ${header}`), body]);
}

function documentIn(raw: Buffer): Buffer | null {
  try {
    return Buffer.from(JsonAudit.parse(JSON.parse(raw.toString())).xml);
  } catch {
    return null;
  }
}

/** A FHIR resource as it came, and its media type. */
export function fhirBody({ format, raw }: Reception): { readonly body: Buffer; readonly type: string } {
  return { body: raw, type: format === 'fhir-xml' ? 'application/fhir+xml' : 'application/fhir+json' };
}
