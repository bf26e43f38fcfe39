/** A syslog message in its parts, as ITI-82 answers them. A part that the message does not have is left out; nil is `-`. */
export interface SyslogMessage {
  readonly Pri?: string;
  readonly Version?: string;
  readonly Timestamp?: string;
  readonly Hostname?: string;
  readonly 'App-name'?: string;
  readonly Procid?: string;
  readonly 'Msg-id'?: string;
  readonly 'Structured-data'?: string;
  readonly Msg: string;
}

const rfc5424 =
  /^<(?<pri>\d{1,3})>(?:(?<version>\d{1,2}) )?(?<time>\S{1,64}) (?<host>\S{1,255}) (?<app>\S{1,255}) (?<proc>\S{1,255}) (?<id>\S{1,255}) (?=-|\[)/;
const rfc3164 =
  /^<(?<pri>\d{1,3})>(?<time>[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?):? (?<host>\S{1,255}) (?<app>[^\s[:]{1,64})(?:\[(?<proc>[^\]]{1,128})\])?:? ?/;
const priority = /^<(?<pri>\d{1,3})>/;

/**
 * Takes a frame apart (RFC 5424, also without its VERSION; RFC 3164; or a priority alone). What fits none is all message.
 * Bytes that are no UTF-8 are read as windows-1252; a byte order mark before the message is left out.
 */
export function readSyslog(raw: Buffer): SyslogMessage {
  const text = decode(raw);
  const modern = rfc5424.exec(text);
  if (modern?.groups && Number(modern.groups['pri']) <= 191) {
    const end = endOfStructuredData(text, modern[0].length);
    if (end !== undefined) {
      const { pri, version, time, host, app, proc, id } = modern.groups;
      return {
        ...(pri !== undefined && { Pri: pri }),
        ...(version !== undefined && { Version: version }),
        ...(time !== undefined && { Timestamp: time }),
        ...(host !== undefined && { Hostname: host }),
        ...(app !== undefined && { 'App-name': app }),
        ...(proc !== undefined && { Procid: proc }),
        ...(id !== undefined && { 'Msg-id': id }),
        'Structured-data': text.slice(modern[0].length, end),
        Msg: message(text.slice(end))
      };
    }
  }
  const old = rfc3164.exec(text);
  if (old?.groups) {
    const { pri, time, host, app, proc } = old.groups;
    return {
      ...(pri !== undefined && { Pri: pri }),
      ...(time !== undefined && { Timestamp: time }),
      ...(host !== undefined && { Hostname: host }),
      ...(app !== undefined && { 'App-name': app }),
      ...(proc !== undefined && { Procid: proc }),
      Msg: message(text.slice(old[0].length))
    };
  }
  const bare = priority.exec(text);
  return { ...(bare?.groups?.['pri'] !== undefined && { Pri: bare.groups['pri'] }), Msg: message(text.slice(bare?.[0].length ?? 0)) }; // prettier-ignore
}

/** RFC 5424 §6.3: `-`, or elements in brackets whose quoted values escape `"`, `\` and `]` by a backslash. */
function endOfStructuredData(text: string, from: number): number | undefined {
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
    if (text[at] !== ']') return undefined;
    at += 1;
  }
  return at;
}

const message = (rest: string) => rest.replace(/^ ?\ufeff?/, '');

function decode(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return new TextDecoder('windows-1252').decode(raw);
  }
}
