import { z } from 'zod';
import { parseJson } from '../json/record.ts';
import { Undecodable } from '../undecodable.ts';
import { decodeRequest } from './messages.ts';

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

/** Most data points of one request. */
export const pointLimit = 50_000;

const Long = z.union([z.string().regex(/^-?\d{1,20}$/), z.number()]).transform(Number);
const Value = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: Long.optional(),
  doubleValue: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).optional()
});
const Attributes = z.array(z.object({ key: z.string(), value: Value.optional() })).default([]);
const Timed = {
  attributes: Attributes,
  startTimeUnixNano: Long.optional(),
  timeUnixNano: Long,
  flags: z.number().default(0)
};
const NumberPoint = z.object({
  ...Timed,
  asDouble: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).optional(),
  asInt: Long.optional()
});
const HistogramPoint = z.object({ ...Timed, count: Long, sum: z.number().optional() });
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

/**
 * Reads an ExportMetricsServiceRequest (OTLP 1.x).
 * @returns points in order, and how many data points were no figure (summaries, staleness marks, NaN)
 * @throws {Undecodable} bad-json, bad-value, missing-field: the message names the field, never its content
 */
export function readMetrics(raw: Buffer, encoding: 'protobuf' | 'json'): { points: Point[]; other: number } {
  const parsed = Request.safeParse(encoding === 'json' ? parseJson(raw) : fromProtobuf(raw));
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.filter((part) => typeof part === 'string').join('.') ?? '';
    throw new Undecodable('bad-value', `${path || 'the request'} is not as OTLP has it`.trim());
  }
  const found: Point[] = [];
  let other = 0;
  for (const { resource, scopeMetrics } of parsed.data.resourceMetrics) {
    const shared = (resource?.attributes ?? []).map(entry);
    for (const { metrics } of scopeMetrics)
      for (const metric of metrics) other += take(metric, shared, found);
  }
  return { points: found, other };
}

function fromProtobuf(raw: Buffer): unknown {
  try {
    return decodeRequest(raw);
  } catch {
    throw new Undecodable('bad-value', 'the request is not protobuf as OTLP has it');
  }
}

/** @returns how many data points were no figure */
function take(metric: Metric, shared: readonly (readonly [string, string])[], found: Point[]): number {
  let other = metric.summary?.dataPoints.length ?? 0;
  const { name, gauge, sum, histogram, exponentialHistogram } = metric;
  const add = (
    point: {
      attributes: z.infer<typeof Attributes>;
      startTimeUnixNano?: number | undefined;
      timeUnixNano: number;
      flags: number;
    },
    value: number,
    total: number | null,
    form: Point['form']
  ) => {
    if ((point.flags & noValue) !== 0 || !Number.isFinite(value)) return void other++;
    found.push({
      metric: name,
      attributes: new Map([...shared, ...point.attributes.map(entry)]),
      value,
      sum: total,
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
      add(point, point.count, point.sum ?? null, one?.aggregationTemporality === delta ? 'delta' : 'total');
  return other;
}

const figure = ({ asDouble, asInt }: z.infer<typeof NumberPoint>) => Number(asInt ?? asDouble ?? Number.NaN);

function entry({ key, value }: z.infer<typeof Attributes>[number]): readonly [string, string] {
  const told = value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue ?? '';
  return [key, String(told).slice(0, 255)];
}
