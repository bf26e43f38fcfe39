import { refuseWideText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';

export interface AuditBody {
  /** The document without transport's marks: the bytes whose SHA-256 tells a repeated reception. */
  readonly canonical: Buffer;
  readonly repairs: readonly string[];
}

const less = 0x3c;
const mark = Buffer.from('\ufeff');
/** A byte order mark that was read as Latin-1 and written again as UTF-8. */
const doubledMark = Buffer.from('ï»¿');
/** rsyslog writes control characters as # and three octal digits; only between tags is that certain. */
const relayed = /(?:>|\?>)#01[125]|#01[125]</;

/**
 * Takes off what transports leave around an audit document: byte order mark (also mangled into `?`), blanks, NUL,
 * trailing line feeds, and rsyslog's `#012` for line feeds.
 * @throws {Undecodable} no-xml when no document stands there, not-utf8 for UTF-16
 */
export function auditBody(bytes: Buffer): AuditBody {
  refuseWideText(bytes);
  const repairs: string[] = [];
  let start = 0;
  for (;;) {
    if (startsWith(bytes, start, mark)) start += mark.length;
    else if (startsWith(bytes, start, doubledMark)) {
      start += doubledMark.length;
      repairs.push('mangled-bom');
    } else if (isBlank(bytes[start])) start += 1;
    else if (bytes[start] === 0x3f && bytes.subarray(start, start + 4).includes(less)) {
      start += 1;
      repairs.push('mangled-bom');
    } else break;
  }
  let end = bytes.length;
  while (end > start && isBlank(bytes[end - 1])) end -= 1;
  const body = bytes.subarray(start, end);
  if (body[0] !== less && !relayed.test(body.toString('latin1', 0, 64)))
    throw new Undecodable(
      'no-xml',
      'the message holds no XML document: Vigie reads DICOM audit messages (PS3.15 A.5)'
    );
  const plain = unescapeRelay(body);
  return { canonical: plain.canonical, repairs: [...new Set([...repairs, ...plain.repairs])] };
}

function unescapeRelay(body: Buffer): AuditBody {
  if (!body.includes('#01')) return { canonical: body, repairs: [] };
  const text = body.toString('latin1');
  if (!relayed.test(text)) return { canonical: body, repairs: [] };
  const plain = text.replaceAll(/(?<!&)#01([125])/g, (_, digit: string) =>
    digit === '1' ? '\t' : digit === '2' ? '\n' : '\r'
  );
  return { canonical: Buffer.from(plain.trim(), 'latin1'), repairs: ['relay-escapes'] };
}

function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  return bytes[at] === prefix[0] && bytes.subarray(at, at + prefix.length).equals(prefix);
}

const isBlank = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x00;
