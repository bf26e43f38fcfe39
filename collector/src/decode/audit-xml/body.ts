import { decodeWideText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';
import type { Repair } from './repair.ts';

export interface AuditBody {
  /** The document without transport's marks: the bytes whose SHA-256 tells a repeated reception. */
  readonly canonical: Buffer;
  readonly repairs: readonly Repair[];
}

const less = 0x3c;
const escape = Buffer.from('#01');
/** The byte order mark of UTF-8, on its own or among blanks, is allowed; what conversions made of it is not. */
const allowedAhead = /^(?:\s|\0|\u00ef\u00bb\u00bf)*$/;
const mangledAhead = /^[^\x21-\x3e\x40-\x7e]{0,16}$|^(?:BOM)?$/;
/** Where a document begins, in Latin-1: its prolog, a comment, or the root of an audit message. */
const documentStart = /<(?:\?xml|!--|!DOCTYPE|(?:[A-Za-z_][\w.-]{0,31}:)?(?:AuditMessages?|IHEYr4)[\s/>])/i;
const searchLimit = 65_536;
/** rsyslog writes control characters as # and three octal digits; only between tags is that certain. */
const relayed = /(?:>|\?>)#01[125]|#01[125]</;

/**
 * Takes off what transports leave around an audit document: byte order mark (also mangled), blanks, NUL, trailing line
 * feeds, text before it, and rsyslog's `#012` for line feeds. UTF-16 becomes UTF-8.
 * @throws {Undecodable} no-xml when no document stands there
 */
export function auditBody(bytes: Buffer): AuditBody {
  const repairs = new Set<Repair>();
  const wide = decodeWideText(bytes);
  if (wide !== null) repairs.add('charset-utf-16');
  const plain = unescapeRelay(wide ?? bytes, repairs);
  const start = startOf(plain, repairs);
  let end = plain.length;
  while (end > start && isBlank(plain[end - 1])) end -= 1;
  return { canonical: plain.subarray(start, end), repairs: [...repairs] };
}

function startOf(bytes: Buffer, repairs: Set<Repair>): number {
  let first = 0;
  while (isBlank(bytes[first])) first += 1;
  if (bytes[first] === 0xef && bytes[first + 1] === 0xbb && bytes[first + 2] === 0xbf) first += 3;
  while (isBlank(bytes[first])) first += 1;
  if (bytes[first] === less && isTagStart(bytes[first + 1])) return first;
  const head = bytes.toString('latin1', 0, searchLimit);
  const tag = head.indexOf('<');
  const near = tag > 0 && isTagStart(bytes[tag + 1]) && mangledAhead.test(head.slice(0, tag).trim());
  const start = near ? tag : documentStart.exec(head)?.index;
  if (start === undefined)
    throw new Undecodable(
      'no-xml',
      'the message holds no XML document: Vigie reads DICOM audit messages (PS3.15 A.5)'
    );
  const ahead = head.slice(0, start);
  if (!allowedAhead.test(ahead))
    repairs.add(mangledAhead.test(ahead.trim()) ? 'mangled-bom' : 'leading-text');
  return start;
}

function unescapeRelay(body: Buffer, repairs: Set<Repair>): Buffer {
  if (!body.includes(escape)) return body;
  const text = body.toString('latin1');
  if (!relayed.test(text)) return body;
  repairs.add('relay-escapes');
  const plain = text.replaceAll(/(?<!&)#01([125])/g, (_, digit: string) =>
    digit === '1' ? '\t' : digit === '2' ? '\n' : '\r'
  );
  return Buffer.from(plain, 'latin1');
}

/** What a document begins with after `<`: a letter, `_`, `?`, `!` or a letter beyond ASCII. */
const isTagStart = (byte = 0) => (byte | 0x20) >= 0x61 || byte === 0x3f || byte === 0x21 || byte === 0x5f;

const isBlank = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x00;
