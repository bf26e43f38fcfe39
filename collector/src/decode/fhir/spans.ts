/** Part of a text, end excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Where `entry[*].resource` stands in the JSON of a Bundle: what is kept of an entry is what its sender wrote, byte for byte.
 * @param text valid JSON
 * @returns one item an entry, undefined where it has no resource; of a repeated name the last counts, as in JSON.parse
 */
export function resourceSpans(text: string): (Span | undefined)[] {
  return new Scanner(text).bundle();
}

/** Walks over JSON that is known to be valid. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  bundle(): (Span | undefined)[] {
    let spans: (Span | undefined)[] = [];
    this.#members((name) => {
      if (name === 'entry' && this.#next() === '[') spans = this.#entries();
      else this.#skip();
    });
    return spans;
  }

  #entries(): (Span | undefined)[] {
    const spans: (Span | undefined)[] = [];
    this.#at += 1;
    while (this.#next() !== ']') {
      let span: Span | undefined;
      if (this.#next() === '{')
        this.#members((name) => {
          this.#next();
          const from = this.#at;
          this.#skip();
          if (name === 'resource') span = { from, to: this.#at };
        });
      else this.#skip();
      spans.push(span);
      if (this.#next() === ',') this.#at += 1;
    }
    this.#at += 1;
    return spans;
  }

  /** Members of the object that begins here; `take` moves over the value. */
  #members(take: (name: string) => void): void {
    if (this.#next() !== '{') return this.#skip();
    this.#at += 1;
    while (this.#next() !== '}') {
      const from = this.#at;
      this.#skip();
      const name = JSON.parse(this.#text.slice(from, this.#at)) as string;
      this.#next();
      this.#at += 1;
      take(name);
      if (this.#next() === ',') this.#at += 1;
    }
    this.#at += 1;
  }

  /** First character that is no blank, without moving over it. */
  #next(): string {
    while (' \t\r\n\ufeff'.includes(this.#text[this.#at] ?? '}')) this.#at += 1;
    return this.#text[this.#at] ?? '}';
  }

  /** Moves over one value. */
  #skip(): void {
    this.#next();
    let depth = 0;
    do {
      const character = this.#text[this.#at] ?? '';
      if (character === '"') this.#string();
      else if (character === '{' || character === '[') depth += 1;
      else if (character === '}' || character === ']') depth -= 1;
      else if (depth === 0) return this.#word();
      this.#at += 1;
    } while (depth > 0 && this.#at < this.#text.length);
  }

  /** To the closing quote. */
  #string(): void {
    for (this.#at += 1; this.#at < this.#text.length && this.#text[this.#at] !== '"'; this.#at++)
      if (this.#text[this.#at] === '\\') this.#at += 1;
  }

  /** Over a number, true, false or null. */
  #word(): void {
    while (/[\w.+-]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
}
