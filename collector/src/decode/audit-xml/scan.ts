import { isAscii, isUtf8 } from 'node:buffer';
import { Undecodable } from '../undecodable.ts';
import { at as ids, attributeNames, type Attributes } from './attributes.ts';
import { attributeLimit, EventCollector } from './collector.ts';
import { elementNames, meantAttribute, meantElement, schemaAttributes } from './names.ts';
import { NameTable } from './name-table.ts';
import { resolveReferences } from './references.ts';
import { TextTable } from './text-table.ts';
import type { ToldEvent } from './told.ts';

/**
 * Reads regular documents in one pass over their bytes, many times as fast as the parser: elements with quoted attributes,
 * text, comments, the five entities and character references, names spelt right. Values become text only when they are
 * asked for. Whatever else stands there (or is wrong) is left to the parser.
 * Invariant, held by a property test: where it gives a result the parser gives the same one.
 */

const declaration =
  /^<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")? ?\?>/;
const longestProlog = 80;
const lt = 0x3c;
const gt = 0x3e;
const slash = 0x2f;
const bang = 0x21;
const dash = 0x2d;
const equals = 0x3d;
const colon = 0x3a;
const doubleQuote = 0x22;
const singleQuote = 0x27;
const ampersand = 0x26;

const nameStart = 1;
const namePart = 2;
const blank = 4;
/** XML 1.0 does not allow it, anywhere. */
const forbidden = 8;
/** Ends a run of ordinary bytes in a value: `<`, `&` and control characters, which the parser would normalise. */
const valueMark = 16;
const carriageReturn = 32;
const kinds = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) kinds[code] = nameStart | namePart;
  else if (/[0-9.-]/.test(character)) kinds[code] = namePart;
  else if (/[ \t\n]/.test(character)) kinds[code] = blank;
  else if (character === '\r') kinds[code] = blank | carriageReturn;
  if (code < 0x20 && (kinds[code] ?? 0) === 0) kinds[code] = forbidden;
  if (code < 0x20 || code === lt || code === ampersand) kinds[code] = (kinds[code] ?? 0) | valueMark;
}
/** U+FFFE and U+FFFF, which XML does not allow. */
const noCharacters = [Buffer.from('\ufffe'), Buffer.from('\uffff')];

const elements = new NameTable(elementNames);
const attributes = new NameTable(attributeNames);
/** By element: a bit for each attribute that the schema gives it. */
const allowed = elementNames.map((name) =>
  schemaAttributes(name).reduce((bits, one) => bits | (1 << ids[one as keyof typeof ids]), 0)
);

// One document is read at a time: what a reading needs is kept from one to the next.
const starts: number[] = [];
const ends: number[] = [];
const valueFrom = new Int32Array(attributeNames.length);
const valueTo = new Int32Array(attributeNames.length);
const values: string[] = attributeNames.map(() => '');
const texts = new TextTable((text) => text);
/** Texts with references, and what they are with these resolved; null when they cannot be. */
const resolutions = new TextTable(resolveReferences);

/** @returns the events; null when the document is not regular: the parser decides then */
export function scanAuditXml(bytes: Buffer): readonly ToldEvent[] | null {
  if (!isAscii(bytes) && (!isUtf8(bytes) || noCharacters.some((one) => bytes.includes(one)))) return null;
  starts.length = 0;
  ends.length = 0;
  try {
    return new Scanner(bytes).run();
  } catch (error) {
    if (error instanceof Undecodable) return null;
    throw error;
  }
}

class Scanner implements Attributes {
  readonly #bytes: Buffer;
  readonly #collector = new EventCollector();
  /** Of the open elements: what they are; `starts` and `ends` tell where their names stand. */
  readonly #names: string[] = [];
  #at: number;
  #rootSeen = false;

  /** Attributes of the element being read, a bit each: told; resolved already. */
  #told = 0;
  #resolved = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const prolog = bytes[1] === 0x3f ? declaration.exec(bytes.toString('latin1', 0, longestProlog)) : null;
    this.#at = prolog?.[0].length ?? 0;
  }

  get(attribute: number): string | undefined {
    const bit = 1 << attribute;
    if ((this.#told & bit) === 0) return undefined;
    if ((this.#resolved & bit) !== 0) return values[attribute];
    const [from, to] = [valueFrom[attribute] ?? 0, valueTo[attribute] ?? 0];
    // No time comes twice.
    return attribute === ids.EventDateTime ? this.#bytes.toString('utf8', from, to) : this.#text(from, to);
  }

  run(): readonly ToldEvent[] | null {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      if (!this.#content()) return null;
      if (this.#at === bytes.length) break;
      const code = bytes[this.#at + 1];
      const understood = code === slash ? this.#close() : code === bang ? this.#comment() : this.#open();
      if (!understood) return null;
    }
    return this.#rootSeen && this.#names.length === 0 ? this.#collector.finish() : null;
  }

  /** Text up to the next tag: blanks only outside the root. */
  #content(): boolean {
    const bytes = this.#bytes;
    const from = this.#at;
    let to = from;
    let blanks = blank;
    let all = 0;
    let marks = false;
    for (; to < bytes.length; to++) {
      const byte = bytes[to] ?? 0;
      if (byte === lt) break;
      const kind = kinds[byte] ?? 0;
      blanks &= kind;
      all |= kind;
      if (byte === ampersand || byte === 0x5d) marks = true;
    }
    this.#at = to;
    if (to === from) return true;
    if ((all & forbidden) !== 0) return false;
    if (blanks !== 0 && !this.#collector.naming) return true;
    if (this.#names.length === 0) return blanks !== 0;
    if ((all & carriageReturn) !== 0) return false;
    if (!marks && !this.#collector.naming) return true;
    const content = this.#text(from, to);
    if (content.includes(']]>')) return false;
    const decoded = content.includes('&') ? resolveReferences(content) : content;
    if (decoded === null) return false;
    this.#collector.text(decoded);
    return true;
  }

  #comment(): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 4;
    if (bytes[start - 2] !== dash || bytes[start - 1] !== dash) return false;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === dash && bytes[at + 1] === dash) {
        this.#at = at + 3;
        return bytes[at + 2] === gt;
      }
      if (((kinds[byte] ?? 0) & forbidden) !== 0) return false;
    }
    return false;
  }

  #close(): boolean {
    const bytes = this.#bytes;
    const name = this.#names.pop();
    const start = starts.pop() ?? 0;
    const end = ends.pop() ?? 0;
    if (name === undefined) return false;
    let at = this.#at + 2;
    for (let one = start; one < end; one++, at++) if (bytes[one] !== bytes[at]) return false;
    if (bytes[at] !== gt) return false;
    this.#collector.leave(name);
    this.#at = at + 1;
    return true;
  }

  #open(): boolean {
    const bytes = this.#bytes;
    const start = this.#at + 1;
    if (((kinds[bytes[start] ?? 0] ?? 0) & nameStart) === 0) return false;
    let local = start;
    let hash = 0;
    let at = start;
    for (; ; at++) {
      const byte = bytes[at] ?? 0;
      if (((kinds[byte] ?? 0) & namePart) === 0) break;
      if (byte === colon && local === start) {
        local = at + 1;
        hash = 0;
      } else hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const id = elements.find(bytes, local, at, hash);
    const name = id < 0 ? this.#text(local, at) : (elementNames[id] ?? '');
    if (id < 0 && meantElement(name) !== null) return false;
    if (this.#names.length === 0) {
      if (this.#rootSeen) return false;
      this.#rootSeen = true;
    }
    this.#collector.enter();
    this.#at = at;
    if (!this.#attributes(name, id < 0 ? 0 : (allowed[id] ?? 0), id >= 0)) return false;
    const empty = bytes[this.#at] === slash;
    if (empty) this.#at += 1;
    if (bytes[this.#at] !== gt) return false;
    this.#at += 1;
    this.#collector.take(name, this);
    if (empty) this.#collector.leave(name);
    else {
      starts.push(start);
      ends.push(at);
      this.#names.push(name);
    }
    return true;
  }

  /** Attributes up to `>` or `/>`; false when they are not regular. */
  #attributes(element: string, mask: number, known: boolean): boolean {
    const bytes = this.#bytes;
    this.#told = 0;
    this.#resolved = 0;
    let others: string[] | undefined;
    let at = this.#at;
    for (let count = 0; ; count++) {
      const before = at;
      while (((kinds[bytes[at] ?? 0] ?? 0) & blank) !== 0) at += 1;
      const first = bytes[at] ?? 0;
      if (first === gt || first === slash) {
        this.#at = at;
        return true;
      }
      if (at === before || ((kinds[first] ?? 0) & nameStart) === 0 || count >= attributeLimit) return false;
      const start = at;
      let hash = 0;
      for (; ; at++) {
        const byte = bytes[at] ?? 0;
        if (((kinds[byte] ?? 0) & namePart) === 0) break;
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
      const end = at;
      const quote = bytes[at + 1];
      if (bytes[at] !== equals || (quote !== doubleQuote && quote !== singleQuote)) return false;
      at += 2;
      const from = at;
      let references = false;
      for (; ; at++) {
        const byte = bytes[at];
        if (byte === quote) break;
        if (byte === undefined) return false;
        if (((kinds[byte] ?? 0) & valueMark) === 0) continue;
        if (byte !== ampersand) return false;
        references = true;
      }
      const resolved = references ? resolutions.find(bytes, from, at) : '';
      if (resolved === null) return false;

      const id = attributes.find(bytes, start, end, hash);
      const bit = id < 0 ? 0 : 1 << id;
      if ((mask & bit) !== 0) {
        if ((this.#told & bit) !== 0) return false;
        this.#told |= bit;
        valueFrom[id] = from;
        valueTo[id] = at;
        if (references) {
          this.#resolved |= bit;
          values[id] = resolved;
        }
      } else {
        const name = this.#text(start, end);
        if (others?.includes(name)) return false;
        (others ??= []).push(name);
        const foreign = name === 'xmlns' || name.includes(':');
        if (known && !foreign && meantAttribute(element, name) !== null) return false;
      }
      at += 1;
    }
  }

  #text(from: number, to: number): string {
    return texts.find(this.#bytes, from, to);
  }
}
