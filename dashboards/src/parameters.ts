/**
 * Everything a board may bind, and its ClickHouse type. `from` ≤ t < `to` is the panel's window; `complete` ends its
 * finished part; `before_from` ≤ t < `before_to` is the equally long window it is compared with. `scope` holds the
 * establishments the reader may see and `sites` the sites chosen among them; '' stands in both for what is shared or
 * unknown. `system` is the one that a page about one system is about. The tuples come from vigie.yaml:
 * tariffs (system, tier, EUR a TB-month, first day, last day) · objectives (id, probes, slice seconds, target %,
 * calendar or '') · modalities (system, site, calendar or '') · hours (calendar, opens, closes: seconds since 1970) ·
 * opening (the same, on to now but at most 60 days after the window) · targets (priority or '', patient class or '', minutes,
 * share wanted in %, calendar or '') in order of precedence · rooms (name in messages, system, site, calendar or '') ·
 * fees (modality, first and second threshold a machine and year) · buffer (minutes a room is held after an exam) ·
 * nodes (system, its place in the picture of flows: `others` where the reader does not see it) · networks of sites and systems, as
 * CIDR · archives (system, `pacs`, `vna` or `archive`).
 */
export const parameterTypes = {
  from: 'DateTime64(3)',
  to: 'DateTime64(3)',
  complete: 'DateTime64(3)',
  before_from: 'DateTime64(3)',
  before_to: 'DateTime64(3)',
  now: 'DateTime64(3)',
  tz: 'String',
  grain: 'String',
  scope: 'Array(String)',
  sites: 'Array(String)',
  system: 'String',
  tariffs: 'Array(Tuple(String, String, Float64, Date, Date))',
  objectives: 'Array(Tuple(String, Array(String), UInt32, Float64, String))',
  modalities: 'Array(Tuple(String, String, String))',
  hours: 'Array(Tuple(String, UInt32, UInt32))',
  opening: 'Array(Tuple(String, UInt32, UInt32))',
  targets: 'Array(Tuple(String, String, UInt32, Float64, String))',
  rooms: 'Array(Tuple(String, String, String, String))',
  fees: 'Array(Tuple(String, UInt32, UInt32))',
  archives: 'Array(Tuple(String, String))',
  buffer: 'UInt32',
  nodes: 'Array(Tuple(String, String))',
  networks: 'Array(String)'
} as const;
export type ParameterName = keyof typeof parameterTypes;

/** Values of all parameters, before encoding. */
export interface ParameterValues {
  readonly from: Date;
  readonly to: Date;
  readonly complete: Date;
  readonly before_from: Date;
  readonly before_to: Date;
  readonly now: Date;
  readonly tz: string;
  /** Width of a time bucket that suits the window. */
  readonly grain: 'hour' | 'day';
  readonly scope: readonly string[];
  readonly sites: readonly string[];
  /** The system a board about one system is about; '' elsewhere. */
  readonly system: string;
  readonly tariffs: readonly (readonly [
    system: string,
    tier: string,
    price: number,
    from: string,
    to: string
  ])[];
  readonly objectives: readonly (readonly [
    id: string,
    probes: readonly string[],
    sliceSeconds: number,
    targetPercent: number,
    calendar: string
  ])[];
  readonly modalities: readonly (readonly [system: string, site: string, calendar: string])[];
  readonly hours: readonly (readonly [calendar: string, opens: number, closes: number])[];
  readonly opening: readonly (readonly [calendar: string, opens: number, closes: number])[];
  readonly targets: readonly (readonly [
    priority: string,
    patientClass: string,
    minutes: number,
    percent: number,
    calendar: string
  ])[];
  readonly rooms: readonly (readonly [name: string, system: string, site: string, calendar: string])[];
  readonly fees: readonly (readonly [modality: string, first: number, second: number])[];
  readonly archives: readonly (readonly [system: string, kind: string])[];
  readonly buffer: number;
  readonly nodes: readonly (readonly [system: string, node: string])[];
  readonly networks: readonly string[];
}

/**
 * The values as `query_params` of the ClickHouse client, only those the SQL binds.
 * @param tuple makes the client's tuple of its parts: `(parts) => new TupleParam(parts)`
 */
export function encodeParameters(
  values: ParameterValues,
  sql: string,
  tuple: (parts: readonly unknown[]) => unknown
): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const { name } of bindings(sql)) {
    // Read once: values may be worked out when they are asked for.
    if (!isParameter(name) || Object.hasOwn(encoded, name)) continue;
    const value = values[name];
    encoded[name] =
      Array.isArray(value) && parameterTypes[name].startsWith('Array(Tuple')
        ? (value as readonly (readonly unknown[])[]).map(tuple)
        : value;
  }
  return encoded;
}

/** Placeholders of a statement, `{name:Type}`, in order of appearance. */
export function bindings(sql: string): { readonly name: string; readonly type: string }[] {
  return [...sql.matchAll(/\{(\w+):((?:[^{}]|\n)+?)\}/g)].map((match) => ({
    name: match[1] ?? '',
    type: (match[2] ?? '').trim()
  }));
}

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(parameterTypes, name);
}
