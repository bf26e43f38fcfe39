import { Undecodable } from './undecodable.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf16le = new TextDecoder('utf-16le');
const utf16be = new TextDecoder('utf-16be');
const windows1252 = new TextDecoder('windows-1252');
const named = new Map<string, typeof windows1252>();

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

/** As decodeText, for a document that may have been cut within its last character (`truncated`), and is not UTF-16. */
export function decodeDocument(bytes: Buffer): DecodedText {
  try {
    return { text: utf8.decode(bytes), repairs: [] };
  } catch {
    const whole = wholeCharacters(bytes);
    if (whole < bytes.length)
      try {
        return { text: utf8.decode(bytes.subarray(0, whole)), repairs: ['truncated'] };
      } catch {
        // Not UTF-8 before its end either.
      }
    return { text: windows1252.decode(bytes), repairs: ['charset-windows-1252'] };
  }
}

/** Length without a last character of UTF-8 of which bytes are missing. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc2 && byte <= 0xf4) {
      const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return needed > back ? bytes.length - back : bytes.length;
    }
    if (byte < 0x80 || byte >= 0xc0) break;
  }
  return bytes.length;
}

/** One byte a character, by the WHATWG name of the table, for protocols that declare it (HL7 MSH-18). */
export function decodeLatin(bytes: Buffer, charset: string): string {
  const decoder = named.get(charset) ?? new TextDecoder(charset);
  named.set(charset, decoder);
  return decoder.decode(bytes);
}

/** Text in UTF-16 as UTF-8, known by its mark or by an XML tag's zero bytes; null for any other text. */
export function decodeWideText(bytes: Buffer): Buffer | null {
  let at = 0;
  while ((bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x20) && bytes[at + 1] !== 0) at++;
  const wide = bytes.subarray(at);
  const [first = 0, second = 0, third = 0, fourth = 0] = [wide[0], wide[1], wide[2], wide[3]];
  const little = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0 && fourth === 0);
  const big = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c && third === 0);
  if (!little && !big) return null;
  const even = wide.subarray(0, wide.length - (wide.length % 2));
  return Buffer.from((little ? utf16le : utf16be).decode(even));
}

/** @throws {Undecodable} not-utf8 */
function refuseWideText(bytes: Buffer): void {
  const first = bytes[0];
  const second = bytes[1];
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const ascii = (byte: number | undefined) => byte !== undefined && byte >= 0x09 && byte < 0x7f;
  const zeros = (first === 0 && ascii(second)) || (second === 0 && ascii(first) && bytes[3] === 0);
  if (marked || zeros)
    throw new Undecodable('not-utf8', 'the text is UTF-16 or UTF-32: set the sender to UTF-8');
}
