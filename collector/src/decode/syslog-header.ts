import { readBsdTime, readIsoTime, type ToldTime } from './time.ts';

export interface SyslogHeader {
  readonly form: 'rfc5424' | 'rfc3164' | 'none';
  readonly sentAt: ToldTime | null;
  readonly hostname: string;
  readonly appName: string;
  /** The sender's own number of this message (RFC 5424 §7.3.1). */
  readonly sequenceId?: number;
  /** Offset of the message in the frame. */
  readonly bodyStart: number;
}

/** Nearly every header ends before the first of these; structured data may need the second. */
const headerLimits = [512, 16_384];
const priority = /^<(\d{1,3})>/;
const fields5424 = /^(?:\d{1,2} )?(\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,255}) (\S{1,255}) /;
/** A header of RFC 5424 that lost its priority. */
const bare5424 = /^1 (?:-|\d{4}-\d{2}-\d{2}T)/;
const fields3164 =
  /^([A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?):? (\S{1,255}) (\S{0,64}?)(?:\[[^\]]{0,64}\])?(?::|(?= )) ?/;
/** RFC 5424 §7.3.1: 1 to 2147483647. */
const sequence = /\[meta(?: [^\]]*)? sequenceId="([1-9]\d{0,9})"/;
const xmlStart = /<[A-Za-z!?]/;

/**
 * Reads the header of a syslog frame: RFC 5424 (also without its VERSION, as OpenEMR sends, or without its priority), RFC 3164, or none.
 * A header that keeps to neither gives no fields, and the body starts at the first XML tag.
 * @param receivedAt milliseconds, to find the year of RFC 3164 times
 */
export function readSyslogHeader(frame: Buffer, receivedAt: number): SyslogHeader {
  const [near = 0, far = 0] = headerLimits;
  const header = readHead(frame.toString('latin1', 0, near), receivedAt);
  if (header.form !== 'none' || frame.length <= near) return header;
  return readHead(frame.toString('latin1', 0, far), receivedAt);
}

function readHead(head: string, receivedAt: number): SyslogHeader {
  const pri = priority.exec(head);
  if (pri === null || Number(pri[1]) > 191)
    return (
      (bare5424.test(head) ? read5424(head, 0) : null) ?? {
        form: 'none',
        sentAt: null,
        hostname: '',
        appName: '',
        bodyStart: 0
      }
    );
  const start = pri[0].length;
  const rest = head.slice(start);
  return read5424(rest, start) ?? read3164(rest, start, receivedAt) ?? unknown(rest, start);
}

function read5424(rest: string, start: number): SyslogHeader | null {
  const match = fields5424.exec(rest);
  if (match === null) return null;
  const [all, timestamp = '', hostname = '', appName = ''] = match;
  const sentAt = timestamp === '-' ? null : readIsoTime(timestamp);
  if (timestamp !== '-' && sentAt === null) return null;
  const end = skipStructuredData(rest, all.length);
  if (end === null) return null;
  const body = rest.charCodeAt(end) === 0x20 ? end + 1 : end;
  const number = end === all.length + 1 ? null : sequence.exec(rest.slice(all.length, end));
  return {
    form: 'rfc5424',
    sentAt,
    hostname: nil(hostname),
    appName: nil(appName),
    ...(number !== null && { sequenceId: Number(number[1]) }),
    bodyStart: start + body
  };
}

/** RFC 5424 §6.3: `-`, or elements in brackets whose quoted values escape `"`, `\` and `]` by a backslash. */
function skipStructuredData(text: string, from: number): number | null {
  if (text[from] === '-') return from + 1;
  let at = from;
  while (text[at] === '[') {
    let quoted = false;
    for (at += 1; at < text.length; at++) {
      const character = text[at];
      if (quoted && character === '\\') at += 1;
      else if (character === '"') quoted = !quoted;
      else if (!quoted && character === ']') break;
    }
    if (text[at] !== ']') return null;
    at += 1;
  }
  return at === from ? null : at;
}

function read3164(rest: string, start: number, receivedAt: number): SyslogHeader | null {
  const match = fields3164.exec(rest);
  if (match === null) return null;
  const [all, timestamp = '', hostname = '', appName = ''] = match;
  const sentAt = readBsdTime(timestamp, receivedAt);
  if (sentAt === null) return null;
  return { form: 'rfc3164', sentAt, hostname, appName, bodyStart: start + all.length };
}

function unknown(rest: string, start: number): SyslogHeader {
  return { form: 'none', sentAt: null, hostname: '', appName: '', bodyStart: start + bodyOf(rest) };
}

const bodyOf = (rest: string) => Math.max(0, rest.search(xmlStart));
const nil = (field: string) => (field === '-' ? '' : field);
