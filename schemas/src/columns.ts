/** Column name → ClickHouse type, in the order of the DDL and of a RowBinary row. */
export type Columns = Readonly<Record<string, string>>;

type Scalar<T> = T extends `LowCardinality(${infer U})`
  ? Scalar<U>
  : T extends 'String'
    ? string
    : T extends 'UInt8' | 'UInt16' | 'UInt32' | 'Int32'
      ? number
      : T extends 'UInt64' | 'Int64'
        ? number | bigint
        : T extends `DateTime64${string}` | `DateTime${string}` | 'Date'
          ? number
          : T extends `FixedString(${string})`
            ? Buffer
            : never;

type Value<T> = T extends `Array(${infer U})`
  ? Value<U>[]
  : T extends `Nullable(${infer U})`
    ? Scalar<U> | null
    : Scalar<T>;

/**
 * A row as the encoder takes it: times are milliseconds since 1970 (UTC) for DateTime64(3), DateTime and Date,
 * FixedString is a Buffer of that length, 64-bit integers are numbers within 2^53 or bigints.
 */
export type Row<C extends Columns> = { -readonly [K in keyof C]: Value<C[K]> };
