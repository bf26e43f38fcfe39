import { parseJson } from '../json/record.ts';
import { decodeText } from '../charset.ts';
import type { AuditEvent } from './audit-event.ts';
import { canonicalResource } from './canonical.ts';
import { checkAuditEvent } from './check.ts';
import { readFhirXml } from './xml.ts';

export interface ReadAuditEvent {
  readonly event: AuditEvent;
  readonly canonical: Buffer;
  /** Names of what was mended. */
  readonly repairs: readonly string[];
}

/**
 * Reads one AuditEvent of FHIR R4.
 * @throws {Undecodable} bad-json, not-utf8, too-deep, not-well-formed, doctype-refused: it is no document
 * @throws {RefusedResource} it is one, and not an R4 AuditEvent
 */
export function readAuditEvent(raw: Buffer, syntax: 'json' | 'xml'): ReadAuditEvent {
  const { resource, repairs } = readResource(raw, syntax);
  const event = checkAuditEvent(resource);
  return { event, canonical: canonicalResource(resource as object), repairs };
}

/** Any resource as FHIR JSON has it. @throws {Undecodable} when it is no document */
export function readResource(
  raw: Buffer,
  syntax: 'json' | 'xml'
): { readonly resource: unknown; readonly repairs: readonly string[] } {
  if (syntax === 'json') return { resource: parseJson(raw), repairs: [] };
  const { text, repairs } = decodeText(raw);
  return { resource: readFhirXml(withoutMark(text)), repairs };
}

/** The text of an XML document without a byte order mark and the blanks before it. */
export function withoutMark(text: string): string {
  return text.replace(/^[\ufeff\s]+/, '');
}
