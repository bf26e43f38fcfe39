import type { Columns } from '@vigie/schemas/tables';

/*
 * Rows turned into columns: from RowBinary, which is what is signed and kept, to Native, which is what ClickHouse takes in with the
 * least work (it neither parses values one by one nor looks texts up in dictionaries). Values are not interpreted: their bytes are
 * the same in both formats, only their places differ. So what is inserted is what was signed, whatever it is, and the rows of an
 * insert can be cut apart anywhere.
 *
 *   block       varint columns · varint rows · column after column: text name · text type · data
 *   fixed       the values, one after the other                        text   varint length · bytes, one after the other
 *   Nullable    u8 per row, 1 for NULL · the values (zeros for NULL)
 *   Array       u64 per row, where its elements end · the elements
 *   LowCardinality   u64 1 · where there are values: u64 0x600 + width of the indexes (0 u8, 1 u16, 2 u32) · u64 keys · the
 *                    keys · u64 values · the indexes; of an array the first u64 stands before the array's ends
 */

/** Rows of one table in RowBinary, and where each begins; the last offset is where the last one ends. */
export interface BinaryRows {
  readonly columns: Columns;
  readonly body: Buffer;
  readonly offsets: ArrayLike<number>;
}

type Kind =
  | { readonly of: 'fixed' | 'nullable'; readonly size: number }
  | { readonly of: 'text' | 'dictionary' }
  | { readonly of: 'array'; readonly element: Kind };

const sizes: Readonly<Record<string, number>> = {
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  Int32: 4,
  UInt64: 8,
  Int64: 8,
  Date: 2,
  DateTime: 4,
  DateTime64: 8
};

function kindOf(type: string): Kind {
  const [, name = type, argument = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
  if (type === 'LowCardinality(String)') return { of: 'dictionary' };
  if (type === 'String') return { of: 'text' };
  if (name === 'FixedString') return { of: 'fixed', size: Number(argument) };
  const size = sizes[name];
  if (size !== undefined) return { of: 'fixed', size };
  if (argument === '') throw new Error(`no Native column for ${type}`);
  const inner = kindOf(argument);
  if (name === 'Array') return { of: 'array', element: inner };
  if (name === 'Nullable' && inner.of === 'fixed') return { of: 'nullable', size: inner.size };
  throw new Error(`no Native column for ${type}`);
}

/** Rows `from` up to `to` as one block in Native. */
export function nativeBlock({ columns, body, offsets }: BinaryRows, from: number, to: number): Buffer {
  const rows = to - from;
  const places = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) places[row] = offsets[from + row] ?? 0;
  const out = new Output((offsets[to] ?? 0) - (offsets[from] ?? 0) + rows * 64 + 4096);
  const entries = Object.entries(columns);
  out.varint(entries.length);
  out.varint(rows);
  for (const [name, type] of entries) {
    out.text(name);
    out.text(type);
    if (rows > 0) new Column(body, places, out).write(kindOf(type));
  }
  return out.done();
}

/** Bytes that grow. */
class Output {
  bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  /** Makes room for so many more bytes; `bytes` may be another buffer afterwards. */
  room(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  varint(value: number): void {
    this.room(10);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.bytes[this.length++] = (rest & 0x7f) | 0x80;
    this.bytes[this.length++] = rest;
  }

  text(value: string): void {
    const bytes = Buffer.from(value);
    this.varint(bytes.length);
    this.copy(bytes, 0, bytes.length);
  }

  copy(source: Buffer, from: number, to: number): void {
    const size = to - from;
    this.room(size);
    const { bytes, length } = this;
    // A loop is the quicker way for what most values are.
    if (size <= 64) for (let i = 0; i < size; i++) bytes[length + i] = source[from + i] as number;
    else source.copy(bytes, length, from, to);
    this.length += size;
  }

  u64(value: number): void {
    this.room(8);
    const { bytes } = this;
    let rest = value;
    for (let i = 0; i < 8; i++) {
      bytes[this.length++] = rest & 0xff;
      rest = Math.floor(rest / 256);
    }
  }

  done(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}

/** Moves one column's values from their rows to `out`; each row's place goes on behind its value. */
class Column {
  readonly #body: Buffer;
  readonly #places: Uint32Array;
  readonly #out: Output;
  /** Behind what was read last. */
  #at = 0;

  constructor(body: Buffer, places: Uint32Array, out: Output) {
    this.#body = body;
    this.#places = places;
    this.#out = out;
  }

  write(kind: Kind): void {
    const { length } = this.#places;
    switch (kind.of) {
      case 'fixed':
        return this.#fixed(kind.size);
      case 'nullable':
        return this.#nullable(kind.size);
      case 'text':
        return this.#each((at) => this.#text(at));
      case 'dictionary': {
        const dictionary = new Dictionary(this.#body, length);
        this.#each((at) => (this.#at = dictionary.add(at)));
        this.#out.u64(1);
        return dictionary.write(this.#out);
      }
      case 'array':
        return this.#array(kind.element);
    }
  }

  /** Calls `take` with each row's place; it leaves in `#at` where the value ends. */
  #each(take: (at: number) => void): void {
    const places = this.#places;
    for (let row = 0; row < places.length; row++) {
      take(places[row] as number);
      places[row] = this.#at;
    }
  }

  #fixed(size: number): void {
    const [body, places, out] = [this.#body, this.#places, this.#out];
    out.room(size * places.length);
    const { bytes } = out;
    let to = out.length;
    for (let row = 0; row < places.length; row++) {
      let at = places[row] as number;
      for (const end = at + size; at < end; at++) bytes[to++] = body[at] as number;
      places[row] = at;
    }
    out.length = to;
  }

  #nullable(size: number): void {
    const [body, places, out] = [this.#body, this.#places, this.#out];
    out.room(places.length * (1 + size));
    const { bytes } = out;
    for (const place of places) bytes[out.length++] = body[place] as number;
    for (let row = 0; row < places.length; row++) {
      const at = places[row] as number;
      const told = body[at] === 0;
      for (let i = 1; i <= size; i++) bytes[out.length++] = told ? (body[at + i] as number) : 0;
      places[row] = at + (told ? 1 + size : 1);
    }
  }

  #text(at: number): void {
    const end = textEnd(this.#body, at);
    this.#out.copy(this.#body, at, end);
    this.#at = end;
  }

  /** The ends of the rows' lists first, then all their elements: two walks over the rows. */
  #array(element: Kind): void {
    const [body, places, out] = [this.#body, this.#places, this.#out];
    if (element.of !== 'fixed' && element.of !== 'text' && element.of !== 'dictionary')
      throw new Error(`no Native column for lists of ${element.of}`);
    const dictionary = element.of === 'dictionary' ? new Dictionary(body, places.length) : undefined;
    if (dictionary) out.u64(1);
    out.room(places.length * 8);
    const { bytes } = out;
    let to = out.length;
    let all = 0;
    for (let row = 0; row < places.length; row++) {
      const place = places[row] as number;
      const first = body[place] as number;
      all += first < 0x80 ? first : readVarint(body, place);
      // A body is below 4 GB, and so are its elements.
      bytes[to] = all & 0xff;
      bytes[to + 1] = (all >>> 8) & 0xff;
      bytes[to + 2] = (all >>> 16) & 0xff;
      bytes[to + 3] = all >>> 24;
      bytes[to + 4] = bytes[to + 5] = bytes[to + 6] = bytes[to + 7] = 0;
      to += 8;
    }
    out.length = to;
    this.#each((place) => {
      const count = readVarint(body, place);
      let at = place + varintSize(count);
      if (element.of === 'fixed') {
        out.copy(body, at, at + count * element.size);
        at += count * element.size;
      } else
        for (let i = 0; i < count; i++) {
          if (dictionary) at = dictionary.add(at);
          else {
            this.#text(at);
            at = this.#at;
          }
        }
      this.#at = at;
    });
    dictionary?.write(out);
  }
}

/** Distinct texts of a column, by their bytes, in the order in which they came; open addressing over a hash of the bytes. */
class Dictionary {
  readonly #body: Buffer;
  /** Where each key stands in the body, its length included. */
  #from = new Uint32Array(256);
  #to = new Uint32Array(256);
  #keys = 0;
  #slots = new Int32Array(1024).fill(-1);
  #indexes: Uint32Array;
  #values = 0;
  #last = 0;

  /** @param values how many there will be, as a rule */
  constructor(body: Buffer, values: number) {
    this.#body = body;
    this.#indexes = new Uint32Array(values);
  }

  /** Takes the text at `at`. @returns where it ends */
  add(at: number): number {
    const body = this.#body;
    const end = textEnd(body, at);
    if (this.#values === this.#indexes.length) this.#indexes = grown(this.#indexes);
    if (this.#keys === 0 || !this.#is(this.#last, at, end)) this.#last = this.#find(at, end);
    this.#indexes[this.#values++] = this.#last;
    return end;
  }

  #is(key: number, at: number, end: number): boolean {
    const body = this.#body;
    const from = this.#from[key] as number;
    if ((this.#to[key] as number) - from !== end - at) return false;
    for (let i = 0; i < end - at; i++) if (body[from + i] !== body[at + i]) return false;
    return true;
  }

  #find(at: number, end: number): number {
    let slot = this.#slot(at, end);
    for (;;) {
      const key = this.#slots[slot] as number;
      if (key < 0) break;
      if (this.#is(key, at, end)) return key;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    const key = this.#keys++;
    this.#slots[slot] = key;
    if (key === this.#from.length) [this.#from, this.#to] = [grown(this.#from), grown(this.#to)];
    this.#from[key] = at;
    this.#to[key] = end;
    if (this.#keys * 2 > this.#slots.length) this.#spread();
    return key;
  }

  #slot(at: number, end: number): number {
    let hash = 0;
    for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + (this.#body[i] as number)) | 0;
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (let key = 0; key < this.#keys; key++) {
      let slot = this.#slot(this.#from[key] as number, this.#to[key] as number);
      while (this.#slots[slot] !== -1) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = key;
    }
  }

  write(out: Output): void {
    if (this.#values === 0) return;
    const width = this.#keys <= 0x100 ? 1 : this.#keys <= 0x1_0000 ? 2 : 4;
    out.u64(0x600 + (width >> 1));
    out.u64(this.#keys);
    for (let key = 0; key < this.#keys; key++)
      out.copy(this.#body, this.#from[key] as number, this.#to[key] as number);
    out.u64(this.#values);
    out.room(this.#values * width);
    const { bytes } = out;
    for (let i = 0; i < this.#values; i++) {
      const index = this.#indexes[i] as number;
      if (width === 1) bytes[out.length++] = index;
      else if (width === 2) out.length = bytes.writeUInt16LE(index, out.length);
      else out.length = bytes.writeUInt32LE(index, out.length);
    }
  }
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(256, array.length * 2));
  larger.set(array);
  return larger;
}

/** End of the text at `at`: its length in varint, then its bytes. */
function textEnd(body: Buffer, at: number): number {
  const first = body[at] as number;
  if (first < 0x80) return at + 1 + first;
  const length = readVarint(body, at);
  return at + varintSize(length) + length;
}

function readVarint(body: Buffer, start: number): number {
  let value = 0;
  for (let at = start, shift = 1, byte = 0x80; byte & 0x80; shift *= 128) {
    byte = body[at++] as number;
    value += (byte & 0x7f) * shift;
  }
  return value;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}
