import { decodeLatin, decodeText, type DecodedText } from '../charset.ts';
import { Undecodable } from '../undecodable.ts';

/** What senders write in MSH-18 (table 0211) for one byte a character, without blanks, `ISO`, `-` and `_`. */
const latin: Readonly<Record<string, string>> = {
  '8859/1': 'windows-1252',
  '88591': 'windows-1252',
  LATIN1: 'windows-1252',
  WINDOWS1252: 'windows-1252',
  CP1252: 'windows-1252',
  ANSI: 'windows-1252',
  '8859/2': 'iso-8859-2',
  '8859/3': 'iso-8859-3',
  '8859/4': 'iso-8859-4',
  '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6',
  '8859/7': 'iso-8859-7',
  '8859/8': 'iso-8859-8',
  '8859/9': 'windows-1254',
  '8859/15': 'iso-8859-15',
  '885915': 'iso-8859-15',
  LATIN9: 'iso-8859-15'
};
const unicode = new Set(['', 'ASCII', 'USASCII', 'IR6', 'UNICODE', 'UNICODEUTF8', 'UTF8']);
/** Sets that switch between tables within a text, or use several bytes otherwise than UTF-8: refused by name. */
const refused = ['IR14', 'IR87', 'IR159', 'GB18030', 'GB180302000', 'KSX1001', 'CNS116431992', 'BIG5', 'UNICODEUTF16', 'UTF16', 'UNICODEUTF32', 'UTF32', 'JAS2020', 'JIPSE', 'JIPSJ']; // prettier-ignore

/**
 * Text by the name of its character set. Unknown names, and bytes that are no UTF-8 where that was told, are read as UTF-8 or
 * windows-1252, and noted.
 * @throws {Undecodable} not-utf8
 */
export function decodeNamed(body: Buffer, told: string): DecodedText {
  const name = told.toUpperCase().replaceAll(/ISO|[\s_-]/g, '');
  const table = latin[name];
  if (table !== undefined) return { text: decodeLatin(body, table), repairs: [] };
  if (unicode.has(name)) return decodeText(body);
  if (refused.includes(name))
    throw new Undecodable(
      'not-utf8',
      `MSH-18 tells a character set that is not read here (${name}): set the sender to UNICODE UTF-8`
    );
  const { text, repairs } = decodeText(body);
  return { text, repairs: [...repairs, 'charset-unknown'] };
}
