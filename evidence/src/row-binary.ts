import { tables, type Columns, type TableName } from '@vigie/schemas/tables';

/** A value did not fit its column: the engine would have stored another one without a word. */
export class RowValueError extends Error {
  readonly code = 'row-value';
  readonly column: string;
  constructor(column: string, type: string) {
    super(`the value of ${column} does not fit ${type}`);
    this.column = column;
  }
}

/** Bytes that grow. */
class Sink {
  bytes: Buffer;
  length = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  room(size: number): number {
    if (this.length + size > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + size));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    const at = this.length;
    this.length += size;
    return at;
  }

  byte(value: number): void {
    // The place first: making room may replace `bytes`.
    const at = this.room(1);
    this.bytes[at] = value;
  }

  /** The lowest 16 or 32 bits of a whole number, little-endian. */
  uint(size: 2 | 4, value: number): void {
    const at = this.room(size);
    for (let i = 0; i < size; i++) this.bytes[at + i] = (value >>> (8 * i)) & 0xff;
  }

  copy(value: Buffer): void {
    const at = this.room(value.length);
    value.copy(this.bytes, at);
  }

  /** A text after its length: of plain ASCII, as nearly all are, byte by byte. */
  text(value: string): void {
    const { length } = value;
    if (length < 0x80) {
      const at = this.room(length + 1);
      const { bytes } = this;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + 1 + i] = code;
      }
      if (i === length) {
        bytes[at] = length;
        return;
      }
      this.length = at;
    }
    const size = Buffer.byteLength(value);
    this.varint(size);
    const at = this.room(size);
    this.bytes.write(value, at, size, 'utf8');
  }

  /** 64 bits of a whole number that JavaScript holds exactly, in two's complement. */
  wide(value: number): void {
    const at = this.room(8);
    this.bytes.writeUInt32LE(value >>> 0, at);
    this.bytes.writeInt32LE(Math.floor(value / 0x1_0000_0000) | 0, at + 4);
  }

  /** 64 bits. */
  big(value: bigint): void {
    const at = this.room(8);
    this.bytes.writeBigUInt64LE(value, at);
  }

  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }
}

type Writer = (sink: Sink, value: unknown) => void;

/** Range checks: ClickHouse wraps what does not fit. */
function integer(
  column: string,
  type: string,
  low: number,
  high: number,
  write: (sink: Sink, value: number) => void
): Writer {
  return (sink, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
      throw new RowValueError(column, type);
    write(sink, value);
  };
}

/** 64 bits: a whole number that JavaScript holds exactly, or a bigint. */
function wide(
  column: string,
  type: string,
  low: bigint,
  high: bigint,
  write: (sink: Sink, value: bigint) => void
): Writer {
  return (sink, value) => {
    // Every table's sequences and blocks: bigints would cost more than all the rest of them.
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return sink.wide(value);
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw new RowValueError(column, type);
    const exact = BigInt(value as number | bigint);
    if (exact < low || exact > high) throw new RowValueError(column, type);
    write(sink, exact);
  };
}

function writerOf(column: string, type: string): Writer {
  const inner = /^(\w+)\((.*)\)$/.exec(type);
  const argument = inner?.[2] ?? '';
  switch (inner?.[1] ?? type) {
    case 'LowCardinality':
      return writerOf(column, argument);
    case 'Nullable': {
      const write = writerOf(column, argument);
      return (sink, value) => {
        sink.byte(value === null ? 1 : 0);
        if (value !== null) write(sink, value);
      };
    }
    case 'Array': {
      const write = writerOf(column, argument);
      return (sink, value) => {
        if (!Array.isArray(value)) throw new RowValueError(column, type);
        sink.varint(value.length);
        for (const one of value) write(sink, one);
      };
    }
    case 'String':
      return (sink, value) => {
        if (typeof value === 'string') return sink.text(value);
        if (!Buffer.isBuffer(value)) throw new RowValueError(column, type);
        sink.varint(value.length);
        sink.copy(value);
      };
    case 'FixedString': {
      const size = Number(argument);
      return (sink, value) => {
        if (!Buffer.isBuffer(value) || value.length !== size) throw new RowValueError(column, type);
        sink.copy(value);
      };
    }
    case 'UInt8':
      return integer(column, type, 0, 0xff, (sink, value) => sink.byte(value));
    case 'UInt16':
      return integer(column, type, 0, 0xffff, (sink, value) => sink.uint(2, value));
    case 'UInt32':
      return integer(column, type, 0, 0xffffffff, (sink, value) => sink.uint(4, value));
    case 'Int32':
      return integer(column, type, -0x80000000, 0x7fffffff, (sink, value) => sink.uint(4, value));
    case 'UInt64':
      return wide(column, type, 0n, 0xffff_ffff_ffff_ffffn, (sink, value) =>
        sink.big(BigInt.asUintN(64, value))
      );
    case 'Int64':
      return wide(column, type, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn, (sink, value) =>
        sink.big(BigInt.asUintN(64, value))
      );
    case 'DateTime64':
      // ClickHouse's DateTime64(3) spans 1900 to 2299.
      return integer(column, type, -2_208_988_800_000, 10_413_791_999_999, (sink, value) => sink.wide(value));
    case 'Date':
      return integer(column, type, 0, 0xffff * 86_400_000, (sink, value) =>
        sink.uint(2, Math.floor(value / 86_400_000))
      );
    case 'DateTime':
      return integer(column, type, 0, 0xffffffff * 1000, (sink, value) =>
        sink.uint(4, Math.floor(value / 1000))
      );
    default:
      throw new Error(`no RowBinary writer for ${type} (${column})`);
  }
}

/** Rows of one table, one after the other, with the place of each. */
export interface EncodedRows {
  readonly body: Buffer;
  /** Offsets of the rows in `body`, and its length at the end: row i is [offsets[i], offsets[i + 1]). */
  readonly offsets: readonly number[];
}

/** Encodes rows of one table as RowBinary, columns in DDL order. The same bytes serve the insert and the row root. */
export class RowEncoder {
  readonly columns: readonly string[];
  /** One a column, in their order. */
  readonly #writers: readonly Writer[];
  readonly #sink: Sink;
  readonly #offsets: number[] = [];

  /** @param bytes of the rows to come, as far as they can be foreseen */
  constructor(columns: Columns, bytes = 1 << 12) {
    this.#sink = new Sink(bytes);
    this.columns = Object.keys(columns);
    this.#writers = Object.entries(columns).map(([name, type]) => writerOf(name, type));
  }

  static of(table: TableName): RowEncoder {
    return new RowEncoder(tables[table]);
  }

  /**
   * @param shared values of the columns that the row itself does not tell
   * @throws {RowValueError} naming the column; nothing of the row is kept then
   */
  add(row: Readonly<Record<string, unknown>>, shared: Readonly<Record<string, unknown>> = {}): void {
    const [sink, columns, writers] = [this.#sink, this.columns, this.#writers];
    const start = sink.length;
    try {
      // By number: a pair a column, taken apart, would be two objects for each value.
      for (let i = 0; i < columns.length; i++) {
        const name = columns[i] as string;
        const own = row[name];
        (writers[i] as Writer)(sink, own === undefined ? shared[name] : own);
      }
    } catch (error) {
      sink.length = start;
      throw error;
    }
    this.#offsets.push(start);
  }

  get rows(): number {
    return this.#offsets.length;
  }

  /** The rows so far. Those that are added later leave these bytes as they are. */
  finish(): EncodedRows {
    return {
      body: this.#sink.bytes.subarray(0, this.#sink.length),
      offsets: [...this.#offsets, this.#sink.length]
    };
  }
}
