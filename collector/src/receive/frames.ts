import { createHash, type Hash } from 'node:crypto';

/** One message as framed: its bytes, or the head of one that is too large. */
export interface Frame {
  readonly raw: Buffer;
  readonly oversize?: { readonly bytes: number; readonly sha256: string };
}

/** Bytes kept of a message beyond the cap. */
const headBytes = 65_536;
const [LF, CR, NUL, SPACE, LESS, ZERO, ONE, NINE] = [0x0a, 0x0d, 0x00, 0x20, 0x3c, 0x30, 0x31, 0x39] as const;
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= NINE;
const isSeparator = (byte: number | undefined) =>
  byte === LF || byte === CR || byte === NUL || byte === SPACE;

/**
 * Splits a syslog byte stream (RFC 5425, RFC 6587) into messages. Framing is decided frame by frame: a digit 1–9 begins an
 * octet count, `<` a message that ends at a line feed, or, when it holds multi-line XML, at its root's closing tag.
 * A wrong count resynchronises at the next header. Whatever the chunks, the frames are the same, and every byte but
 * separators and octet counts is in exactly one frame.
 */
export class FrameSplitter {
  readonly #cap: number;
  #rest: Buffer = Buffer.alloc(0);
  #skip: { left: number; bytes: number; head: Buffer; hash: Hash } | undefined;

  /** @param cap largest message kept whole, bytes */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** Bytes held back, waiting for the end of their frame. */
  get pending(): number {
    return this.#rest.length;
  }

  /** Whether what is held back could be a whole message whose end was not marked: not the middle of a counted frame. */
  get complete(): boolean {
    return this.#skip === undefined && this.#rest[0] === LESS;
  }

  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let data = chunk;
    if (this.#skip) data = this.#skipOversize(data, frames);
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    this.#split(frames, false);
    return frames;
  }

  /** The stream ended, or has been quiet: what is held back is a frame by itself. */
  end(): Frame[] {
    const frames: Frame[] = [];
    if (this.#skip) {
      const { bytes, left, head, hash } = this.#skip;
      frames.push({ raw: head, oversize: { bytes: bytes - left, sha256: hash.digest('hex') } });
      this.#skip = undefined;
    }
    this.#split(frames, true);
    if (this.#rest.length > 0) frames.push({ raw: this.#rest });
    this.#rest = Buffer.alloc(0);
    return frames;
  }

  #split(frames: Frame[], ended: boolean): void {
    let at = 0;
    const buffer = this.#rest;
    while (at < buffer.length) {
      if (isSeparator(buffer[at])) {
        at++;
        continue;
      }
      const first = buffer[at] as number;
      const next =
        first >= ONE && first <= NINE
          ? this.#counted(buffer, at, frames, ended)
          : this.#delimited(buffer, at, frames, ended);
      if (next === undefined) break;
      at = next;
      if (this.#skip) {
        const rest = this.#skipOversize(buffer.subarray(at), frames);
        at = buffer.length - rest.length;
      }
    }
    this.#rest = at === 0 ? buffer : Buffer.from(buffer.subarray(at));
    // A line without end: keep its head, hash the whole.
    if (this.#rest.length > this.#cap + headBytes && !ended) frames.push(this.#cut());
  }

  #cut(): Frame {
    const whole = this.#rest;
    this.#rest = Buffer.alloc(0);
    const sha256 = createHash('sha256').update(whole).digest('hex');
    return { raw: Buffer.from(whole.subarray(0, headBytes)), oversize: { bytes: whole.length, sha256 } };
  }

  /** `MSG-LEN SP SYSLOG-MSG`. Undefined: more is needed. */
  #counted(buffer: Buffer, at: number, frames: Frame[], ended: boolean): number | undefined {
    let end = at;
    while (isDigit(buffer[end]) && end - at < 10) end++;
    if (end === buffer.length && end - at < 10 && !ended) return undefined;
    if (buffer[end] !== SPACE || end - at >= 10) return this.#resync(buffer, at, frames, ended);
    const length = Number(buffer.toString('latin1', at, end));
    const start = end + 1;
    if (length > this.#cap) {
      this.#skip = { left: length, bytes: length, head: Buffer.alloc(0), hash: createHash('sha256') };
      return start;
    }
    const stop = start + length;
    if (stop > buffer.length) return undefined;
    const after = buffer[stop];
    // Nothing to compare with yet: a count that ends a chunk is believed.
    if (
      after === undefined ||
      isDigit(after) ||
      after === LESS ||
      isSeparator(after) ||
      endsDocument(buffer, start, stop)
    ) {
      frames.push({ raw: Buffer.from(buffer.subarray(start, stop)) });
      return stop;
    }
    return this.#resync(buffer, start, frames, ended);
  }

  /** The count was wrong: everything up to the next header is one, damaged, message. */
  #resync(buffer: Buffer, start: number, frames: Frame[], ended: boolean): number | undefined {
    const found = nextHeader(buffer, start + 1);
    if (found === undefined && !ended) return undefined;
    const stop = found ?? buffer.length;
    frames.push({ raw: Buffer.from(buffer.subarray(start, stop)) });
    return stop;
  }

  /** A message that ends at LF or NUL, XML inside it at the root's closing tag. Undefined: more is needed. */
  #delimited(buffer: Buffer, at: number, frames: Frame[], ended: boolean): number | undefined {
    for (let from = at; ;) {
      const end = lineEnd(buffer, from);
      if (end === undefined) return undefined;
      const open = openRoot(buffer, at, end);
      if (open === 'unknown' && end + 1 >= buffer.length && !ended) return undefined;
      if (open === 'no' || (open === 'unknown' && !beginsXml(buffer, end + 1))) {
        frames.push({ raw: Buffer.from(buffer.subarray(at, end)) });
        return end;
      }
      // Within a document a new header means that the closing tag never came.
      if (buffer[end + 1] === undefined && !ended) return undefined;
      if (nextHeader(buffer, end + 1, end + 2) !== undefined) {
        frames.push({ raw: Buffer.from(buffer.subarray(at, end)) });
        return end;
      }
      from = end + 1;
    }
  }

  #skipOversize(data: Buffer, frames: Frame[]): Buffer {
    const skip = this.#skip;
    if (!skip) return data;
    const part = data.subarray(0, skip.left);
    skip.hash.update(part);
    if (skip.head.length < headBytes)
      skip.head = Buffer.concat([skip.head, part.subarray(0, headBytes - skip.head.length)]);
    skip.left -= part.length;
    if (skip.left === 0) {
      frames.push({ raw: skip.head, oversize: { bytes: skip.bytes, sha256: skip.hash.digest('hex') } });
      this.#skip = undefined;
    }
    return data.subarray(part.length);
  }
}

function lineEnd(buffer: Buffer, from: number): number | undefined {
  const lf = buffer.indexOf(LF, from);
  const nul = buffer.indexOf(NUL, from);
  if (lf < 0 && nul < 0) return undefined;
  return lf < 0 ? nul : nul < 0 ? lf : Math.min(lf, nul);
}

/** `<digits>1 ` or `digits SP <digits>`: the beginning of a message. */
function nextHeader(buffer: Buffer, from: number, before = buffer.length): number | undefined {
  for (let at = from; at < before && at < buffer.length; at++) {
    const byte = buffer[at];
    if (byte !== LESS && !(byte !== undefined && byte >= ONE && byte <= NINE)) continue;
    if (/^(?:[1-9]\d{0,8} )?<\d{1,3}>(?:1 |[A-Z][a-z]{2} )/.test(buffer.toString('latin1', at, at + 24)))
      return at;
  }
  return undefined;
}

const beginsXml = (buffer: Buffer, at: number) =>
  /^[\s\ufeff]*<(?:\?xml|[A-Za-z_])/.test(buffer.toString('utf8', at, at + 16));

/** Whether a message holds a document whose root is still open: `unknown` when it holds none so far. */
function openRoot(buffer: Buffer, start: number, end: number): 'yes' | 'no' | 'unknown' {
  const head = buffer.toString('latin1', start, Math.min(end, start + 4096));
  const root = /<([A-Za-z_][\w.:-]*)(?=[\s/>]|$)/.exec(head.replace(/^<\d{1,3}>/, ''));
  if (!root) return head.includes('<?xml') || /^<\d{1,3}>/.test(head) ? 'unknown' : 'no';
  if (buffer.subarray(start, end).lastIndexOf(`</${root[1]}>`, undefined, 'latin1') >= 0) return 'no';
  const tag = buffer.toString('latin1', start, end);
  return /^<[^>]*\/>\s*$/.test(tag.slice(tag.indexOf(`<${root[1]}`))) ? 'no' : 'yes';
}

function endsDocument(buffer: Buffer, start: number, stop: number): boolean {
  return /<\/[\w.:-]+>\s*$/.test(buffer.toString('latin1', Math.max(start, stop - 64), stop));
}
