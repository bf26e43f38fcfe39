import { Undecodable } from '../undecodable.ts';
import { attributeLimit, EventCollector } from './collector.ts';
import type { Repair } from './repair.ts';
import type { ToldEvent } from './told.ts';

/**
 * Reads what it can of a document that is not well-formed, and names on each event what was mended. Every step moves on in
 * the text, so the work is linear. Only whole tags are believed: a tag that the end of the text cuts says nothing.
 * @throws {Undecodable} doctype-refused, too-deep, not-an-audit-message, retired-format, bad-value
 */
export function readLeniently(text: string): readonly ToldEvent[] {
  const plain = text.replaceAll(forbidden, '');
  const reader = new LenientReader(plain);
  return reader.run(plain.length < text.length);
}

const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const declaration =
  /^<\?xml\s+version\s*=\s*["']1\.[01]["'](?:\s+encoding\s*=\s*["'][\w.-]+["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/;
const blanks = /[ \t\r\n]*/y;
const nameThere = /[A-Za-z_\u0080-\uffff][\w.:\u0080-\uffff-]*/y;
const bareValue = /[^\s>"']*/y;
const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const reference =
  /&(?:(?<name>[A-Za-z]\w{1,31})|#(?<decimal>\d{1,7})|#[xX](?<hexadecimal>[\da-fA-F]{1,6}));|&/g;

class LenientReader {
  readonly #text: string;
  readonly #collector = new EventCollector();
  /** Names of the open elements, as they were written. */
  readonly #stack: string[] = [];
  #at = 0;
  #roots = 0;
  #altered = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(controls: boolean): readonly ToldEvent[] {
    if (controls) this.#mended('control-characters');
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at);
      if (next < 0) {
        this.#tail();
        break;
      }
      this.#content(this.#at, next);
      this.#at = next;
      if (!this.#markup()) {
        this.#mended('truncated');
        return this.#collector.finish();
      }
    }
    if (this.#stack.length > 0) this.#mended('truncated');
    if (!this.#altered) this.#mended('not-well-formed');
    return this.#collector.finish();
  }

  #mended(repair: Repair): void {
    this.#altered = true;
    this.#collector.mended(repair);
  }

  /** Text after the last tag: of an open element it is cut, and says nothing. */
  #tail(): void {
    if (this.#stack.length === 0 && this.#text.slice(this.#at).trim() !== '') this.#mended('trailing-text');
  }

  #content(from: number, to: number): void {
    if (from === to) return;
    const text = this.#text.slice(from, to);
    if (this.#stack.length > 0) this.#collector.text(this.#resolved(text));
    else if (text.trim() !== '') this.#mended(this.#roots === 0 ? 'leading-text' : 'trailing-text');
  }

  /** What begins with `<`. @returns false when the text ends within it */
  #markup(): boolean {
    const text = this.#text;
    const at = this.#at;
    if (text.startsWith('<!--', at)) return this.#skip('-->');
    if (text.startsWith('<![CDATA[', at)) return this.#cdata();
    if (/^<!doctype/i.test(text.slice(at, at + 9)))
      throw new Undecodable('doctype-refused', 'the document declares a DOCTYPE: audit messages have none');
    if (text.startsWith('<?', at)) {
      if (text.startsWith('<?xml', at) && (at > 0 || !declaration.test(text.slice(0, 256))))
        this.#mended('prolog');
      return this.#skip('>');
    }
    if (text.startsWith('</', at)) return this.#closing();
    nameThere.lastIndex = at + 1;
    const name = nameThere.exec(text)?.[0];
    if (name !== undefined) return this.#opening(name);
    if (at + 1 === text.length) return false;
    this.#mended('raw-less-than');
    if (this.#stack.length > 0) this.#collector.text('<');
    this.#at = at + 1;
    return true;
  }

  #skip(mark: string): boolean {
    const end = this.#text.indexOf(mark, this.#at + 2);
    if (end < 0) return false;
    this.#at = end + mark.length;
    return true;
  }

  #cdata(): boolean {
    const end = this.#text.indexOf(']]>', this.#at);
    if (end < 0) return false;
    if (this.#stack.length > 0) this.#collector.text(this.#text.slice(this.#at + 9, end));
    this.#at = end + 3;
    return true;
  }

  #closing(): boolean {
    const end = this.#text.indexOf('>', this.#at);
    if (end < 0) return false;
    const name = this.#text
      .slice(this.#at + 2, end)
      .trim()
      .toLowerCase();
    this.#at = end + 1;
    const open = this.#stack.findLastIndex((one) => one.toLowerCase() === name);
    if (open !== this.#stack.length - 1 || this.#stack[open]?.toLowerCase() !== name)
      this.#mended('unmatched-tag');
    if (open < 0) return true;
    for (const one of this.#stack.splice(open).toReversed()) this.#collector.close(one);
    return true;
  }

  #opening(name: string): boolean {
    const from = this.#at;
    this.#at += 1 + name.length;
    const attributes = this.#attributes();
    if (attributes === null) {
      this.#at = from;
      return false;
    }
    if (this.#stack.length === 0 && ++this.#roots > 1) this.#mended('several-roots');
    if (/(?:^|:)AuditMessage$/i.test(name)) this.#closeOpenMessage();
    this.#collector.enter();
    this.#collector.open(name, attributes.told);
    for (const repair of attributes.repairs) this.#mended(repair);
    if (attributes.empty) this.#collector.close(name);
    else this.#stack.push(name);
    return true;
  }

  /** A message begins within another: that one was never closed. */
  #closeOpenMessage(): void {
    const open = this.#stack.findLastIndex((one) => /(?:^|:)AuditMessage$/i.test(one));
    if (open < 0) return;
    this.#mended('unclosed-tag');
    for (const one of this.#stack.splice(open).toReversed()) this.#collector.close(one);
  }

  /** Attributes up to the end of the tag; null when the text ends before. */
  #attributes() {
    const text = this.#text;
    const told: Record<string, string> = {};
    const repairs = new Set<'attribute-quotes' | 'duplicate-attribute' | 'unclosed-tag'>();
    for (let count = 0; ;) {
      blanks.lastIndex = this.#at;
      this.#at += blanks.exec(text)?.[0].length ?? 0;
      const character = text[this.#at];
      if (character === undefined) return null;
      if (character === '>') return this.#tagEnd(1, told, repairs, false);
      if (character === '/' && text[this.#at + 1] === '>') return this.#tagEnd(2, told, repairs, true);
      if (character === '<') return this.#tagEnd(0, told, repairs.add('unclosed-tag'), false);
      nameThere.lastIndex = this.#at;
      const name = nameThere.exec(text)?.[0];
      if (name === undefined) {
        repairs.add('attribute-quotes');
        this.#at += 1;
        continue;
      }
      count += 1;
      if (count > attributeLimit)
        throw new Undecodable('bad-value', `an element has more than ${attributeLimit} attributes`);
      this.#at += name.length;
      const value = this.#value();
      if (value === null) return null;
      if (!value.quoted) repairs.add('attribute-quotes');
      if (Object.hasOwn(told, name)) repairs.add('duplicate-attribute');
      else told[name] = value.told;
    }
  }

  #tagEnd<R>(length: number, told: Record<string, string>, repairs: R, empty: boolean) {
    this.#at += length;
    return { told, repairs, empty };
  }

  /** `="value"`, and what emitters write for it; null when the text ends within it. */
  #value(): { told: string; quoted: boolean } | null {
    const text = this.#text;
    blanks.lastIndex = this.#at;
    const equals = this.#at + (blanks.exec(text)?.[0].length ?? 0);
    if (text[equals] !== '=') return equals >= text.length ? null : { told: '', quoted: false };
    blanks.lastIndex = equals + 1;
    const start = equals + 1 + (blanks.exec(text)?.[0].length ?? 0);
    const quote = text[start];
    if (quote !== '"' && quote !== "'") {
      bareValue.lastIndex = start;
      const value = bareValue.exec(text)?.[0] ?? '';
      this.#at = start + value.length;
      return this.#at >= text.length ? null : { told: this.#resolved(value), quoted: false };
    }
    const end = text.indexOf(quote, start + 1);
    if (end < 0) return null;
    const value = text.slice(start + 1, end);
    const follows = text[end + 1] ?? '>';
    const early = /[\s/>?]/.test(follows) ? -1 : endOfUnclosed(value);
    const kept = early < 0 ? value : value.slice(0, early).trimEnd();
    this.#at = early < 0 ? end + 1 : start + 1 + early;
    if (early < 0 && value.includes('<')) this.#mended('raw-less-than');
    return { told: this.#resolved(kept.replaceAll(/[\t\r\n]/g, ' ')), quoted: early < 0 };
  }

  /** Resolves references; a `&` that begins none stands for itself. */
  #resolved(value: string): string {
    if (!value.includes('&')) return value;
    return value.replaceAll(reference, (...match) => {
      const whole = String(match[0]);
      const groups = match.at(-1) as Record<'name' | 'decimal' | 'hexadecimal', string | undefined>;
      if (groups.name !== undefined) {
        const known = Object.hasOwn(references, groups.name) ? references[groups.name] : undefined;
        if (known === undefined) this.#mended('unknown-entity');
        return known ?? whole;
      }
      const { decimal, hexadecimal } = groups;
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? 'x', 16) : Number(decimal);
      const allowed = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code < 0xd800);
      if (allowed || (code >= 0xe000 && code < 0xfffe) || (code >= 0x10000 && code <= 0x10ffff))
        return String.fromCodePoint(code);
      this.#mended(Number.isNaN(code) ? 'raw-ampersand' : 'control-characters');
      return Number.isNaN(code) ? whole : '';
    });
  }
}

/**
 * Where a value ends that has swallowed what stands behind it, for want of a closing quote: before the name of the next
 * attribute, or before the end of its tag. -1 when it does not look so.
 */
function endOfUnclosed(value: string): number {
  const tag = />\s*<[A-Za-z/]/.exec(value);
  if (tag !== null) return value[tag.index - 1] === '/' ? tag.index - 1 : tag.index;
  const told = value.trimEnd();
  if (!told.endsWith('=')) return -1;
  const name = /[\w:.-]{2,40}$/.exec(told.slice(-60, -1).trimEnd())?.[0];
  const at = name === undefined ? -1 : value.lastIndexOf(name);
  return at > 0 && /\s/.test(value[at - 1] ?? '') ? at : -1;
}
