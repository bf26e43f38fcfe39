const fieldLimit = 199;

export interface Acknowledgement {
  /** AA: on disk. AR: kept only in part or unreadable, and sending it again will not help (HL7 v2.5.1 §2.9.2). */
  readonly code: 'AA' | 'AR';
  /** MSH-10 of the acknowledgement. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Writes an acknowledgement (original mode, HL7 v2.5.1 §2.9.2.1) in its MLLP block. Application, facility, control id,
 * processing id, version and character set are the sender's own, byte for byte. Without a MSH to answer to, MSA-2 is
 * empty and ERR names what is missing.
 * @param message the message answered to
 */
export function acknowledge(message: Buffer, { code, id, at }: Acknowledgement): Buffer {
  const header = headerOf(message);
  const mark = header?.separator ?? '|';
  const field = (number: number) => (header?.fields[number - 1] ?? '').slice(0, fieldLimit);
  const component = header?.fields[1]?.[0] ?? '^';
  const trigger = field(9).split(component)[1] ?? '';
  const type = trigger === '' ? 'ACK' : ['ACK', trigger, 'ACK'].join(component);
  const time = new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14) + '+0000';
  const msh = [
    'MSH',
    header?.fields[1]?.slice(0, 5) ?? '^~\\&',
    field(5),
    field(6),
    field(3),
    field(4),
    time,
    '',
    type,
    id,
    field(11) || 'P',
    field(12) || '2.5.1',
    '',
    '',
    '',
    '',
    '',
    field(18)
  ].join(mark);
  const msa = ['MSA', code, field(10)].join(mark);
  const segments = [trimEnd(msh, mark), trimEnd(msa, mark)];
  if (header === null) segments.push('ERR|||101^Required field missing^HL70357|E||||MSH is missing');
  else if (code === 'AR')
    segments.push(
      ['ERR', '', '', `207${component}Application internal error${component}HL70357`, 'E'].join(mark)
    );
  return Buffer.from(`\x0b${segments.join('\r')}\r\x1c\r`, 'latin1');
}

/** First line as bytes in a string, so that names in any character set come back as they were sent. */
function headerOf(message: Buffer): { separator: string; fields: readonly string[] } | null {
  const text = message.toString('latin1', 0, 4096).replace(/^(?:\s|\xef\xbb\xbf)+/, '');
  const line = text.split(/[\r\n]/, 1)[0] ?? '';
  const separator = line[3] ?? '';
  if (!line.startsWith('MSH') || separator === '' || /\w/.test(separator)) return null;
  const [, ...rest] = line.split(separator);
  return { separator, fields: [separator, ...rest] };
}

function trimEnd(text: string, mark: string): string {
  let end = text.length;
  while (text[end - 1] === mark) end -= 1;
  return text.slice(0, end);
}
