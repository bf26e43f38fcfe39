import type { GaugeUnit } from '@vigie/schemas/facts/gauge';
import type { Point } from '../../decode/otlp/read.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import { label } from '../origin.ts';
import type { Refuse, Rule } from './rule.ts';
import { current, latest, placeOf } from './series.ts';

/** Labels of one gauge that a request may tell: each is a row. */
const mostLabels = 200;
const tooManyLabels = `a gauge has more than ${mostLabels} labels: name those that matter under when, or another label_from`;
const tooLarge = 'a value is beyond 2^53 in the unit that is stored';

/** Unit of a rule → the one that is stored, and how many of it make one. */
const stored = {
  count: { unit: 'count', perUnit: 1 },
  bytes: { unit: 'bytes', perUnit: 1 },
  s: { unit: 'ms', perUnit: 1000 },
  ms: { unit: 'ms', perUnit: 1 },
  ratio: { unit: 'permille', perUnit: 1000 },
  percent: { unit: 'permille', perUnit: 10 }
} as const satisfies Record<Rule<'gauge'>['value']['unit'], { unit: GaugeUnit; perUnit: number }>;

/** One row a label and site: what the points of its series come to, at the time of the latest. */
export function gauges(
  rule: Rule<'gauge'>,
  points: readonly Point[],
  directory: Directory,
  refuse: Refuse
): Fact[] {
  const { unit, perUnit } = stored[rule.value.unit];
  const places = new Map<string | undefined, ReturnType<typeof placeOf>>();
  const placeAt = (told: string | undefined) => {
    const place = places.get(told) ?? placeOf(rule.system, told, directory);
    places.set(told, place);
    return place;
  };
  const told = ({ attributes }: Point) => ({
    name: rule.label_from === undefined ? '' : label(attributes.get(rule.label_from) ?? ''),
    place: placeAt(rule.site_from === undefined ? undefined : attributes.get(rule.site_from))
  });
  // By the site it is, whatever it was called: two rows of one label, site and time would hide one another.
  const key = (point: Point) => {
    const { name, place } = told(point);
    return JSON.stringify([name, place.site]);
  };
  const groups = [...Map.groupBy(points, key).values()];
  const beyond = groups.slice(mostLabels).flat();
  if (beyond.length > 0) refuse(tooManyLabels, beyond);
  return groups.slice(0, mostLabels).flatMap((group): Fact[] => {
    const series = current(group);
    const [first] = series;
    const value = Math.round(series.reduce((sum, one) => sum + one.value, 0) * perUnit);
    if (first === undefined) return [];
    if (!Number.isSafeInteger(value)) {
      refuse(tooLarge, group);
      return [];
    }
    const { name, place } = told(first);
    const row = {
      ...place,
      occurred_at: latest(series),
      system: rule.system,
      gauge: rule.gauge,
      label: name,
      unit,
      value
    };
    return [{ table: 'ops.gauge', row }];
  });
}
