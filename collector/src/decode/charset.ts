import { Undecodable } from './undecodable.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder('windows-1252');
const latin9 = new TextDecoder('iso-8859-15');

export interface DecodedText {
  readonly text: string;
  /** Names of what was mended. */
  readonly repairs: readonly string[];
}

/**
 * Bytes win over what a prolog or header says: strict UTF-8 first, else windows-1252 (a superset of Latin-1),
 * which is noted as a repair.
 * @throws {Undecodable} not-utf8 for UTF-16 and UTF-32, recognised by their mark or by their zero bytes
 */
export function decodeText(bytes: Buffer): DecodedText {
  refuseWideText(bytes);
  try {
    return { text: utf8.decode(bytes), repairs: [] };
  } catch {
    return { text: windows1252.decode(bytes), repairs: ['charset-windows-1252'] };
  }
}

/** Latin-1 and Latin-9 by name, for protocols that declare them (HL7 MSH-18). */
export function decodeLatin(bytes: Buffer, charset: 'windows-1252' | 'iso-8859-15'): string {
  return (charset === 'iso-8859-15' ? latin9 : windows1252).decode(bytes);
}

/** @throws {Undecodable} not-utf8 */
export function refuseWideText(bytes: Buffer): void {
  const first = bytes[0];
  const second = bytes[1];
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const ascii = (byte: number | undefined) => byte !== undefined && byte >= 0x09 && byte < 0x7f;
  const zeros = (first === 0 && ascii(second)) || (second === 0 && ascii(first) && bytes[3] === 0);
  if (marked || zeros)
    throw new Undecodable('not-utf8', 'the text is UTF-16 or UTF-32: set the sender to UTF-8');
}
