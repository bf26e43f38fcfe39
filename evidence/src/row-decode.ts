import type { Columns } from '@vigie/schemas/tables';

/** A value as RowBinary holds it: texts as bytes (they need not be UTF-8), integers as bigint, times in their own unit. */
export type Decoded = Buffer | bigint | null | readonly Decoded[];

/** Values of one RowBinary row by column. @throws {RangeError} when the bytes do not fit the columns */
export function decodeRow(columns: Columns, bytes: Buffer): Record<string, Decoded> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1, byte = 0x80; byte & 0x80; shift *= 128) {
      byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * shift;
    }
    return value;
  };
  const take = (size: number) => {
    if (at + size > bytes.length) throw new RangeError('the row is shorter than its columns');
    return bytes.subarray(at, (at += size));
  };
  const integer = (size: number, signed: boolean) => {
    const value = take(size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return signed ? BigInt.asIntN(size * 8, value) : value;
  };
  const read = (type: string): Decoded => {
    const [, name = type, argument = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
    switch (name) {
      case 'LowCardinality':
        return read(argument);
      case 'Nullable':
        return bytes.readUInt8(at++) === 1 ? null : read(argument);
      case 'Array':
        return Array.from({ length: varint() }, () => read(argument));
      case 'String':
        return take(varint());
      case 'FixedString':
        return take(Number(argument));
      case 'UInt8':
        return integer(1, false);
      case 'UInt16':
      case 'Date':
        return integer(2, false);
      case 'UInt32':
      case 'DateTime':
        return integer(4, false);
      case 'UInt64':
        return integer(8, false);
      case 'Int32':
        return integer(4, true);
      case 'Int64':
      case 'DateTime64':
        return integer(8, true);
      default:
        throw new Error(`no RowBinary reader for ${type}`);
    }
  };
  const row = Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, read(type)]));
  if (at !== bytes.length) throw new RangeError('the row is longer than its columns');
  return row;
}
