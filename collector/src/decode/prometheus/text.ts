/** One sample of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  /** Milliseconds since 1970, when the exporter tells it. */
  readonly timestamp: number | undefined;
}

/** Thrown for a text that is not in the format: names the line, not its content. */
export class PrometheusTextError extends Error {
  readonly code = 'not-prometheus';
  constructor(line: number, what: string) {
    super(`line ${line}: ${what}`);
  }
}

const name = /[a-zA-Z_:][\w:]*/y;
const labelName = /[a-zA-Z_]\w*/y;
const number =
  /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:Inf|inf|infinity)|NaN|nan|0x[\da-fA-F]+)$/;

/**
 * Reads the text format 0.0.4, with the UTF-8 names of 1.0 (`{"my.name", label="…"} 1`). Every line must be blank, a
 * comment or a sample with a value, so that an HTML page is an error and not an empty list.
 * @param wanted names to return; others are checked and dropped
 * @throws {PrometheusTextError}
 */
export function parsePrometheusText(text: string, wanted: (name: string) => boolean): Sample[] {
  const samples: Sample[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    line += 1;
    const content = text.slice(start, stop).replace(/\r$/, '').trim();
    start = stop + 1;
    if (content === '' || content.startsWith('#')) continue;
    const sample = new LineReader(content, line).read();
    if (wanted(sample.name)) samples.push(sample);
  }
  return samples;
}

/** Reads one sample from left to right. */
class LineReader {
  readonly #text: string;
  readonly #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  read(): Sample {
    let metric = this.#match(name);
    const labels = new Map<string, string>();
    this.#blanks();
    if (this.#text[this.#at] === '{') metric = this.#labels(metric, labels);
    if (metric === undefined) throw this.#error('no metric name');
    const [value, timestamp, ...rest] = this.#text
      .slice(this.#at)
      .trim()
      .split(/[ \t]+/);
    if (value === undefined || !number.test(value)) throw this.#error('no value');
    if (rest.length > 0 && rest[0] !== '#') throw this.#error('more than a value and a timestamp');
    if (timestamp !== undefined && timestamp !== '#' && !/^-?\d{1,14}$/.test(timestamp))
      throw this.#error('the timestamp is not a number of milliseconds');
    return {
      name: metric,
      labels,
      value: toNumber(value),
      timestamp: timestamp === undefined || timestamp === '#' ? undefined : Number(timestamp)
    };
  }

  #labels(metric: string | undefined, labels: Map<string, string>): string | undefined {
    let found = metric;
    this.#at += 1;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] === '}') break;
      const label = this.#text[this.#at] === '"' ? this.#quoted() : this.#match(labelName);
      if (label === undefined) throw this.#error('no label name');
      this.#blanks();
      if (this.#text[this.#at] === '=') {
        this.#at += 1;
        this.#blanks();
        if (labels.has(label)) throw this.#error('a label stands there twice');
        labels.set(label, this.#quoted());
        this.#blanks();
      } else if (found === undefined) found = label;
      else throw this.#error('a label without a value');
      if (this.#text[this.#at] === ',') this.#at += 1;
      else if (this.#text[this.#at] !== '}') throw this.#error('the labels do not end');
    }
    this.#at += 1;
    return found;
  }

  #quoted(): string {
    if (this.#text[this.#at] !== '"') throw this.#error('a label value without quotes');
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at += 1;
        return value;
      }
      if (character === '\\') {
        this.#at += 1;
        const escaped = this.#text[this.#at];
        value +=
          escaped === 'n' ? '\n' : escaped === '"' || escaped === '\\' ? escaped : `\\${escaped ?? ''}`;
      } else value += character;
    }
    throw this.#error('quotes that do not end');
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #blanks(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  #error(what: string): PrometheusTextError {
    return new PrometheusTextError(this.#line, what);
  }
}

function toNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower === 'nan') return Number.NaN;
  if (lower.endsWith('inf') || lower.endsWith('infinity'))
    return lower.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
