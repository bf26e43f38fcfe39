import { decodeText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';
import { auditBody } from './body.ts';
import { parseAuditXml } from './parse.ts';
import { scanAuditXml } from './scan.ts';
import type { ToldEvent } from './told.ts';

export interface ToldAudit {
  readonly canonical: Buffer;
  /** One, or several in an `AuditMessages` wrapper. */
  readonly events: readonly ToldEvent[];
  readonly repairs: readonly string[];
}

/** `&` that begins neither a character nor a predefined entity reference. */
const rawAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-fA-F]{1,6});)/g;

/**
 * Reads a DICOM audit document (PS3.15 A.5, RFC 3881) of any era, by local names. Regular documents go through the
 * scanner, all others through the parser, with one result.
 * @param bytes the document, with what transports left around it
 * @throws {Undecodable} no-xml, not-utf8, not-well-formed, doctype-refused, too-deep, not-an-audit-message, bad-value
 */
export function readAuditXml(bytes: Buffer): ToldAudit {
  const { canonical, repairs } = auditBody(bytes);
  const { text, repairs: charset } = decodeText(canonical);
  const scanned = scanAuditXml(text);
  if (scanned !== null) return { canonical, events: scanned, repairs: [...repairs, ...charset] };
  try {
    return { canonical, events: parseAuditXml(text), repairs: [...repairs, ...charset] };
  } catch (error) {
    if (!(error instanceof Undecodable) || error.reason !== 'not-well-formed') throw error;
    const mended = text.replaceAll(rawAmpersand, '&amp;');
    if (mended === text) throw error;
    return { canonical, events: parseAuditXml(mended), repairs: [...repairs, ...charset, 'raw-ampersand'] };
  }
}
