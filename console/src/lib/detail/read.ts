import { isReadable, isTooLarge, readBase64, textOf } from './base64.ts';
import { readDataset } from './dataset.ts';

/** A base64 value of a message, as told. */
export interface ToldDetail {
  readonly name: string;
  readonly value: string;
  readonly query: boolean;
  /** UID that a sibling detail of the same object tells; '' when none does. */
  readonly transferSyntax: string;
}

type DetailKind = 'hl7' | 'dicom' | 'url' | 'json' | 'xml' | 'text' | 'plain' | 'binary' | 'large';

/** One detail or query of a message, decoded for a reader who may see it. */
export interface ReadDetail {
  /** Name of the detail as the sender wrote it; '' for a query. */
  readonly name: string;
  /** `plain`: it should be base64 and is not; `binary`, `large`: not shown. */
  readonly kind: DetailKind;
  readonly text: string;
  /** Bytes of the value; of what is not base64, characters. */
  readonly size: number;
  /** The text was cut to what a page shows. */
  readonly cut: boolean;
}

const shownCharacters = 16_384;

/** Decodes one value: HL7 v2, a C-FIND identifier (by its transfer syntax), URL, JSON, XML or text. */
export function readDetail({ name, value, query, transferSyntax }: ToldDetail): ReadDetail {
  if (isTooLarge(value)) return { name, kind: 'large', text: '', size: value.length, cut: true };
  const bytes = readBase64(value);
  if (bytes === null) return shown(name, 'plain', value, value.length);
  const size = bytes.length;
  if (query || transferSyntax !== '') {
    const dataset = readDataset(bytes, transferSyntax);
    if (dataset !== null) return shown(name, 'dicom', dataset.join('\n'), size);
  }
  const text = textOf(bytes);
  if (!isReadable(text)) {
    const dataset = readDataset(bytes, transferSyntax);
    if (dataset !== null) return shown(name, 'dicom', dataset.join('\n'), size);
    // A short word in clear may pass for base64: what it decodes to gives it away.
    if (size < 48 && isReadable(value)) return shown(name, 'plain', value, value.length);
    return { name, kind: 'binary', text: '', size, cut: false };
  }
  return shown(name, kindOf(text), layoutOf(text), size);
}

function shown(name: string, kind: DetailKind, text: string, size: number): ReadDetail {
  const cut = text.length > shownCharacters;
  return { name, kind, text: cut ? text.slice(0, shownCharacters) : text, size, cut };
}

const isHl7 = (text: string) => /^\v?(?:MSH|FHS|BHS)[^\w\s]/.test(text);

function kindOf(text: string): DetailKind {
  const start = text.trimStart();
  if (isHl7(text)) return 'hl7';
  if (start.startsWith('{') || start.startsWith('[')) return isJson(text) ? 'json' : 'text';
  if (/^<(?:\?xml|[A-Za-z])/.test(start)) return 'xml';
  const line = !/\s/.test(text.trim());
  if (line && (/^[a-z][a-z0-9+.-]*:\/\//i.test(start) || /^\??[\w.:-]+=[^=]*(?:&|$)/.test(start)))
    return 'url';
  return 'text';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** One HL7 segment a line, JSON indented; what is cut later stays as it is. */
function layoutOf(text: string): string {
  if (isHl7(text))
    return text
      .replace(/^\v/, '')
      .replaceAll(/\r\n?/g, '\n')
      .replace(/\x1c\s*$/, '')
      .trimEnd();
  return kindOf(text) === 'json' ? JSON.stringify(JSON.parse(text), null, 2) : text;
}
