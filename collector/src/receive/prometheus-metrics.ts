import type { MetricRule } from '@vigie/schemas';
import { z } from 'zod';
import type { Sample } from '../decode/prometheus/text.ts';

/** Series whose last value is remembered; beyond it a counter is not counted, and said to be missing. */
const seriesLimit = 5_000;

/** What the last scrape said of each counter. */
export const Totals = z.object({ at: z.number(), values: z.record(z.string(), z.number()) });
export type Totals = z.infer<typeof Totals>;

interface Select {
  readonly metric: string;
  readonly when: Readonly<Record<string, string>>;
}

/** What rules read of a scrape: samples whose value is a state, and those that count since their process began. */
interface Selected {
  readonly states: readonly Select[];
  readonly counters: readonly Select[];
}

export function selected(rules: readonly MetricRule[]): Selected {
  const some = (...list: (Select | undefined)[]) => list.filter((one) => one !== undefined);
  return {
    states: rules.flatMap((rule) =>
      rule.fact === 'storage'
        ? some(rule.used, rule.capacity)
        : rule.fact === 'probe'
          ? some(rule.up, rule.latency)
          : rule.fact === 'gauge'
            ? some(rule.value)
            : []
    ),
    counters: rules.flatMap((rule) =>
      rule.fact === 'transfers'
        ? some(rule.instances, rule.bytes, rule.failures)
        : rule.fact === 'usage'
          ? some(rule.count)
          : []
    )
  };
}

const among = (list: readonly Select[], { name, labels }: Sample) =>
  list.some(
    ({ metric, when }) =>
      metric === name && Object.entries(when).every(([key, value]) => labels.get(key) === value)
  );

/**
 * A scrape as an OTLP/JSON request: states as gauges, counters as what came since the last scrape. A counter that went back began
 * again, and all of it came since; one met for the first time counts from here on. Pure.
 * @param before what the last scrape said; undefined the first time
 * @returns the request, undefined when there is nothing to tell, and what to remember
 */
export function asRequest(
  samples: readonly Sample[],
  { states, counters }: Selected,
  before: Totals | undefined,
  at: number
): { request: object | undefined; totals: Totals; forgotten: number } {
  const values: Record<string, number> = {};
  let [counted, forgotten] = [0, 0];
  const nano = (ms: number) => `${Math.round(ms)}000000`;
  const metrics = samples.flatMap<object>((sample) => {
    const { name, labels, value, timestamp } = sample;
    if (!Number.isFinite(value)) return [];
    const attributes = [...labels].map(([key, text]) => ({ key, value: { stringValue: text } }));
    const time = { timeUnixNano: nano(timestamp ?? at) };
    if (among(states, sample))
      return [{ name, gauge: { dataPoints: [{ attributes, ...time, asDouble: value }] } }];
    if (!among(counters, sample)) return [];
    const series = JSON.stringify([name, ...[...labels].toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    if (Object.hasOwn(values, series)) return [];
    if (counted >= seriesLimit) {
      forgotten += 1;
      return [];
    }
    counted += 1;
    values[series] = value;
    const last = before?.values[series];
    if (before === undefined || last === undefined || value === last) return [];
    const came = value < last ? value : value - last;
    const point = { attributes, startTimeUnixNano: nano(before.at), timeUnixNano: nano(at), asDouble: came };
    return [{ name, sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [point] } }];
  });
  const request = metrics.length === 0 ? undefined : { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
  return { request, totals: { at, values }, forgotten };
}
