import { z } from 'zod';
import { parseJson } from '../json/record.ts';
import { Undecodable } from '../undecodable.ts';
import { countPoints, decodeRequest } from './messages.ts';

/** One data point of a metric, whatever way it was told. */
export interface Point {
  readonly metric: string;
  /** Of the resource and of the point; the point's own win. Values as text. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Value of a gauge or sum; how many values a histogram counts. */
  readonly value: number;
  /** Sum of a histogram's values, in the metric's unit. */
  readonly sum: number | null;
  /** `state`: the value now. `delta`: what came since `startedAt`. `total`: since the process began; no difference can be told of one. */
  readonly form: 'state' | 'delta' | 'total';
  /** ms since 1970. */
  readonly at: number;
  readonly startedAt: number | null;
}

/** Most data points of one request, and attributes of one point (the limit of OpenTelemetry's own SDKs). */
const pointLimit = 50_000;
const attributeLimit = 128;

const Long = z.union([z.string().regex(/^-?\d{1,20}$/), z.number()]).transform(Number);
const Double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
const Value = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: Long.optional(),
  doubleValue: Double.optional()
});
const Attribute = z.object({ key: z.string(), value: Value.optional() });
const Attributes = z
  .array(z.unknown())
  .transform((all) => ({ told: all.slice(0, attributeLimit), more: all.length > attributeLimit }))
  .pipe(z.object({ told: z.array(Attribute), more: z.boolean() }))
  .default({ told: [], more: false });
type Attributes = z.infer<typeof Attributes>;
const Timed = {
  attributes: Attributes,
  startTimeUnixNano: Long.optional(),
  timeUnixNano: Long,
  flags: z.number().default(0)
};
const NumberPoint = z.object({
  ...Timed,
  asDouble: Double.optional(),
  asInt: Long.optional()
});
const HistogramPoint = z.object({ ...Timed, count: Long, sum: Double.optional() });
const points = <T extends z.ZodType>(point: T) => ({ dataPoints: z.array(point).default([]) });
const temporality = { aggregationTemporality: z.number().default(0) };
const Metric = z.object({
  name: z.string().min(1, 'must not be empty'),
  gauge: z.object(points(NumberPoint)).optional(),
  sum: z
    .object({ ...points(NumberPoint), ...temporality, isMonotonic: z.boolean().default(false) })
    .optional(),
  histogram: z.object({ ...points(HistogramPoint), ...temporality }).optional(),
  exponentialHistogram: z.object({ ...points(HistogramPoint), ...temporality }).optional(),
  summary: z.object({ dataPoints: z.array(z.unknown()).default([]) }).optional()
});
type Metric = z.infer<typeof Metric>;
const Request = z.object({
  resourceMetrics: z
    .array(
      z.object({
        resource: z.object({ attributes: Attributes }).optional(),
        scopeMetrics: z.array(z.object({ metrics: z.array(Metric).default([]) })).default([])
      })
    )
    .default([])
});

/** AggregationTemporality of metrics.proto. */
const delta = 1;
/** DataPointFlags: no recorded value. */
const noValue = 1;

/** Points of a request, in order. */
export interface ReadMetrics {
  readonly points: readonly Point[];
  /** Data points that were no figure: summaries, staleness marks, NaN. */
  readonly other: number;
  /** `attributes-cut` where a point has more than 128 of them. */
  readonly repairs: readonly string[];
}

/**
 * Reads an ExportMetricsServiceRequest (OTLP 1.x).
 * @throws {Undecodable} bad-json, bad-value, missing-field: the message names the field, never its content; oversize beyond 50,000
 *   points, before any is made
 */
export function readMetrics(raw: Buffer, encoding: 'protobuf' | 'json'): ReadMetrics {
  const parsed = Request.safeParse(encoding === 'json' ? fromJson(raw) : fromProtobuf(raw));
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.filter((part) => typeof part === 'string').join('.') ?? '';
    throw new Undecodable('bad-value', `${path || 'the request'} is not as OTLP has it`.trim());
  }
  const found: Found = { points: [], other: 0, cut: false };
  for (const { resource, scopeMetrics } of parsed.data.resourceMetrics) {
    const shared = sharedOf(resource?.attributes ?? none);
    for (const { metrics } of scopeMetrics) for (const metric of metrics) take(metric, shared, found);
  }
  return { points: found.points, other: found.other, repairs: found.cut ? ['attributes-cut'] : [] };
}

interface Found {
  readonly points: Point[];
  other: number;
  cut: boolean;
}
const none: Attributes = { told: [], more: false };

/** Attributes of a resource, read once for all its points. */
interface Shared {
  readonly entries: readonly (readonly [string, string])[];
  /** Of a point that has none of its own. */
  readonly map: ReadonlyMap<string, string>;
  readonly more: boolean;
}

function sharedOf({ told, more }: Attributes): Shared {
  const entries = told.map(entry);
  return { entries, map: new Map(entries), more };
}

function fromProtobuf(raw: Buffer): unknown {
  try {
    if (countPoints(raw, pointLimit) <= pointLimit) return decodeRequest(raw);
  } catch {
    throw new Undecodable('bad-value', 'the request is not protobuf as OTLP has it');
  }
  throw tooMany();
}

function fromJson(raw: Buffer): unknown {
  const told = parseJson(raw);
  const points = manyOf(told, 'resourceMetrics')
    .flatMap((one) => manyOf(one, 'scopeMetrics'))
    .flatMap((one) => manyOf(one, 'metrics'))
    .flatMap((metric) => (typeof metric === 'object' && metric !== null ? Object.values(metric) : []))
    .reduce<number>((sum, data) => sum + manyOf(data, 'dataPoints').length, 0);
  if (points > pointLimit) throw tooMany();
  return told;
}

function manyOf(told: unknown, field: string): readonly unknown[] {
  const value: unknown = typeof told === 'object' && told !== null ? Reflect.get(told, field) : undefined;
  return Array.isArray(value) ? value : [];
}

const tooMany = () =>
  new Undecodable(
    'oversize',
    `the request has more than ${pointLimit} data points, or four times as many messages above them: send fewer at once`
  );

function take(metric: Metric, shared: Shared, found: Found): void {
  found.other += metric.summary?.dataPoints.length ?? 0;
  const { name, gauge, sum, histogram, exponentialHistogram } = metric;
  const add = (
    point: {
      attributes: Attributes;
      startTimeUnixNano?: number | undefined;
      timeUnixNano: number;
      flags: number;
    },
    value: number,
    total: number | null,
    form: Point['form']
  ) => {
    if ((point.flags & noValue) !== 0 || !Number.isFinite(value)) return void found.other++;
    const { told, more } = point.attributes;
    const room = attributeLimit - told.length;
    found.cut ||= more || shared.more || room < shared.entries.length;
    found.points.push({
      metric: name,
      attributes:
        told.length === 0 ? shared.map : new Map([...shared.entries.slice(0, room), ...told.map(entry)]),
      value,
      // A histogram that counts nothing sums nothing, and a SDK may say NaN then.
      sum: total !== null && Number.isFinite(total) ? total : null,
      form,
      at: Math.round(point.timeUnixNano / 1e6),
      startedAt: point.startTimeUnixNano ? Math.round(point.startTimeUnixNano / 1e6) : null
    });
  };
  for (const point of gauge?.dataPoints ?? []) add(point, figure(point), null, 'state');
  const formOfSum = !sum?.isMonotonic ? 'state' : sum.aggregationTemporality === delta ? 'delta' : 'total';
  const changes = sum !== undefined && !sum.isMonotonic && sum.aggregationTemporality === delta;
  for (const point of sum?.dataPoints ?? []) add(point, figure(point), null, changes ? 'total' : formOfSum);
  for (const one of [histogram, exponentialHistogram])
    for (const point of one?.dataPoints ?? [])
      add(
        point,
        point.count,
        point.sum === undefined ? null : Number(point.sum),
        one?.aggregationTemporality === delta ? 'delta' : 'total'
      );
}

const figure = ({ asDouble, asInt }: z.infer<typeof NumberPoint>) => Number(asInt ?? asDouble ?? Number.NaN);

function entry({ key, value }: z.infer<typeof Attribute>): readonly [string, string] {
  const told = value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue ?? '';
  return [key, String(told).slice(0, 255)];
}
