import * as fc from 'fast-check';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  String: text,
  'LowCardinality(String)': text,
  'FixedString(16)': bytes(16),
  'FixedString(32)': bytes(32),
  'FixedString(64)': bytes(64),
  UInt8: fc.integer({ min: 0, max: 0xff }),
  UInt16: fc.integer({ min: 0, max: 0xffff }),
  UInt32: fc.integer({ min: 0, max: 0xffff_ffff }),
  UInt64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  Int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  Int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  Date: fc.integer({ min: 0, max: 0xffff }).map((days) => days * 86_400_000),
  "DateTime('UTC')": fc.integer({ min: 0, max: 0xffff_ffff }).map((seconds) => seconds * 1000),
  "DateTime64(3, 'UTC')": fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 })
};

/** Values to the limits of any column type that a table of ours has. @throws for another type */
export function valueOf(type: string): fc.Arbitrary<unknown> {
  const inner = /^(Array|Nullable)\((.*)\)$/.exec(type);
  const known = values[type];
  if (known) return known;
  if (inner?.[1] === 'Array') return fc.array(valueOf(inner[2] ?? ''), { maxLength: 300, size: 'small' });
  if (inner?.[1] === 'Nullable') return fc.option(valueOf(inner[2] ?? ''));
  throw new Error(`no values for ${type}`);
}
