import { decodeDocument } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';
import { auditBody } from './body.ts';
import { readLeniently } from './lenient.ts';
import { parseAuditXml } from './parse.ts';
import { scanAuditXml } from './scan.ts';
import type { ToldEvent } from './told.ts';

export interface ToldAudit {
  readonly canonical: Buffer;
  /** One, or several in an `AuditMessages` wrapper. */
  readonly events: readonly ToldEvent[];
  /** Of the whole document; each event has its own besides. */
  readonly repairs: readonly string[];
}

/**
 * Reads a DICOM audit document (PS3.15 A.5, RFC 3881) of any era, by local names. Regular documents go through the
 * scanner, other well-formed ones through the parser, with one result; what is not well-formed is read leniently, and
 * marked as mended.
 * @param bytes the document, with what transports left around it
 * @throws {Undecodable} no-xml, not-well-formed, doctype-refused, too-deep, not-an-audit-message, retired-format, bad-value
 */
export function readAuditXml(bytes: Buffer): ToldAudit {
  const { canonical, repairs: body } = auditBody(bytes);
  const scanned = scanAuditXml(canonical);
  if (scanned !== null) return { canonical, events: scanned, repairs: body };
  const { text, repairs: charset } = decodeDocument(canonical);
  const repairs = [...body, ...charset];
  if (charset.length === 0 && contradicts(text)) repairs.push('wrong-encoding');
  try {
    return { canonical, events: parseAuditXml(text), repairs };
  } catch (error) {
    if (!(error instanceof Undecodable) || error.reason !== 'not-well-formed') throw error;
    return { canonical, events: mended(text, error), repairs };
  }
}

/** @throws {Undecodable} the strict reader's, when nothing but its complaint can be made of the text */
function mended(text: string, strict: Undecodable): readonly ToldEvent[] {
  try {
    return readLeniently(text);
  } catch (error) {
    if (error instanceof Undecodable && error.reason === 'not-an-audit-message') throw strict;
    throw error;
  }
}

const declared = /^<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']/;

/** Whether the prolog of a text that was read as UTF-8 claims another encoding, and that makes a difference. */
function contradicts(text: string): boolean {
  const encoding = declared.exec(text)?.[1];
  return encoding !== undefined && !/^utf-?8$/i.test(encoding) && /[^\0-\x7f]/.test(text);
}
