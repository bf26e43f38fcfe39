import type { DecodedText } from '../charset.ts';
import { decodeNamed } from './named-charset.ts';
import { Undecodable } from '../undecodable.ts';

/** What one message may hold: far above what any sender writes, so that no text grows beyond its own size many times over. */
const segmentLimit = 20_000;
const fieldLimit = 512;
const repetitionLimit = 256;
const componentLimit = 64;

/** One segment: fields by their HL7 number (MSH-1 is the field separator itself). */
export class Segment {
  readonly name: string;
  readonly #fields: readonly string[];
  readonly #marks: Delimiters;

  constructor(text: string, marks: Delimiters) {
    this.#marks = marks;
    const parts = text.split(marks.field, fieldLimit);
    this.name = parts[0] ?? '';
    if (this.name === 'MSH') parts.splice(1, 0, marks.field);
    this.#fields = parts;
  }

  /** Raw text of a field, escapes and repetitions as sent; '' when absent or the HL7 null `""`. */
  raw(field: number): string {
    const text = this.#fields[field] ?? '';
    return text === '""' ? '' : text;
  }

  /** Repetitions of a field, each split into components whose escapes are resolved. */
  repetitions(field: number): readonly Components[] {
    const text = this.raw(field);
    if (text === '') return [];
    return text.split(this.#marks.repetition, repetitionLimit).map((one) => new Components(one, this.#marks));
  }

  /** One component of the first repetition; sub-components stay joined by `&`. */
  get(field: number, component = 1): string {
    const text = this.raw(field);
    if (text === '') return '';
    const { repetition, component: mark } = this.#marks;
    const repeated = text.indexOf(repetition);
    const end = repeated < 0 ? text.length : repeated;
    let from = 0;
    for (let at = 1; at < component; at++) {
      from = text.indexOf(mark, from) + 1;
      if (from === 0 || from > end) return '';
    }
    const next = text.indexOf(mark, from);
    return unescape(text.slice(from, next < 0 || next > end ? end : next), this.#marks).trim();
  }
}

/** One repetition of a field. */
export class Components {
  readonly #parts: readonly string[];
  readonly #marks: Delimiters;

  constructor(text: string, marks: Delimiters) {
    this.#marks = marks;
    this.#parts = text.split(marks.component, componentLimit);
  }

  get(component: number): string {
    return unescape(this.#parts[component - 1] ?? '', this.#marks).trim();
  }

  sub(component: number, subcomponent: number): string {
    const parts = (this.#parts[component - 1] ?? '').split(this.#marks.subcomponent);
    return unescape(parts[subcomponent - 1] ?? '', this.#marks).trim();
  }

  /** A component as it was sent, escapes and all: for values that are measured only. */
  bare(component: number): string {
    return this.#parts[component - 1] ?? '';
  }

  get length(): number {
    return this.#parts.length;
  }
}

interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

export interface Hl7Message {
  readonly segments: readonly Segment[];
  readonly msh: Segment;
  readonly repairs: readonly string[];
}

/**
 * Splits one HL7 v2 message (ER7). The character set is that of MSH-18 (named-charset.ts).
 * @throws {Undecodable} bad-hl7 without a usable MSH, not-utf8 for a character set that is not read here
 */
export function readHl7(bytes: Buffer): Hl7Message {
  const start = skipMarks(bytes);
  const body = bytes.subarray(start);
  const marks = delimitersOf(body);
  const { text, repairs } = textOf(body, marks);
  const all = text.split(/\r\n?|\n/, segmentLimit + 1);
  const lines = all.filter((line) => line.trim() !== '');
  if (all.length > segmentLimit)
    throw new Undecodable('bad-hl7', `the message has more than ${segmentLimit} lines`);
  const segments = lines.map((line) => new Segment(line, marks));
  const [msh] = segments;
  if (msh === undefined) throw new Undecodable('bad-hl7', 'the message has no MSH segment');
  return { segments, msh, repairs };
}

/** Start block, blanks and byte order mark before MSH. */
function skipMarks(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === 0x0b || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x20) at += 1;
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf ? at + 3 : at;
}

function delimitersOf(body: Buffer): Delimiters {
  const head = body.toString('latin1', 0, 9);
  const [field = '', component = '', repetition = '', escape = '', subcomponent = ''] = head.slice(3);
  const distinct = new Set([field, component, repetition]).size === 3;
  if (!head.startsWith('MSH') || !distinct || /[\w\s]/.test(field + component + repetition))
    throw new Undecodable('bad-hl7', 'the message does not begin with MSH and its delimiters (MSH|^~\\&)');
  return {
    field,
    component,
    repetition,
    escape: escape === field ? '\\' : escape,
    subcomponent: subcomponent === field || escape === field ? '&' : subcomponent
  };
}

function textOf(body: Buffer, marks: Delimiters): DecodedText {
  const end = body.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  const header = body.toString('latin1', 0, end < 0 ? body.length : end);
  return decodeNamed(body, (header.split(marks.field)[17] ?? '').split(marks.repetition)[0] ?? '');
}

/** Escape sequences of HL7 v2 §2.7: delimiters, hexadecimal, line break; others are dropped. */
function unescape(text: string, marks: Delimiters): string {
  if (!text.includes(marks.escape)) return text;
  const parts = text.split(marks.escape);
  return parts
    .map((part, index) => {
      if (index % 2 === 0 || index === parts.length - 1) return part;
      switch (part) {
        case 'F':
          return marks.field;
        case 'S':
          return marks.component;
        case 'T':
          return marks.subcomponent;
        case 'R':
          return marks.repetition;
        case 'E':
          return marks.escape;
        case '.br':
          return '\n';
        default:
          return /^X(?:[\da-fA-F]{2})+$/.test(part)
            ? Buffer.from(part.slice(1), 'hex').toString('latin1')
            : '';
      }
    })
    .join('');
}
