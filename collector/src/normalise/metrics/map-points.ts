import type { MetricRule } from '@vigie/schemas';
import type { Point } from '../../decode/otlp/read.ts';
import { isTimely } from '../../decode/time.ts';
import type { Fact } from '../../verdict.ts';
import type { Directory } from '../directory.ts';
import { gauges } from './gauges.ts';
import { probe } from './probe.ts';
import type { Refuse, Select } from './rule.ts';
import { current } from './series.ts';
import { storage } from './storage.ts';
import { transfers } from './transfers.ts';
import { usage } from './usage.ts';

/** What became of the points of a request. */
export interface Mapped {
  readonly facts: readonly Fact[];
  /** Points that a rule made something of: each once, whatever rules name it. */
  readonly used: number;
  /** Points of metrics that no rule names, by metric. */
  readonly unmapped: ReadonlyMap<string, number>;
  /** Points that a rule names and cannot use (another may), by reason: one sentence each, with its mend. */
  readonly refused: ReadonlyMap<string, number>;
}

const asDifference =
  'sums since the process began cannot be counted: send differences (OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta)';
const asState = 'a state is told by a gauge or by a sum that goes up and down, not by a counter';
const badFigure = 'a value is negative';
const badTime = (field: string) =>
  `${field} lies before 1990 or more than a year ahead: set the clock of the sender, or send nanoseconds since 1970`;
const backwards = 'startTimeUnixNano lies after timeUnixNano';

/**
 * Applies the rules of vigie.yaml to the points of one request. Pure.
 * @param source the system that the sender speaks for; '' for a sender that may speak for any
 * @param receivedAt ms since 1970
 */
export function mapPoints(
  points: readonly Point[],
  { source, receivedAt }: { readonly source: string; readonly receivedAt: number },
  directory: Directory
): Mapped {
  const rules = directory.metricRules.filter(({ system }) => source === '' || system === source);
  const left = new Set(points);
  const used = new Set<Point>();
  const told = new Map<string, Set<Point>>();
  const facts = rules.flatMap((rule): Fact[] => {
    const taken = new Set<Point>();
    const refuse: Refuse = (reason, of) => {
      const earlier = told.get(reason) ?? new Set();
      told.set(reason, earlier);
      for (const point of of) {
        earlier.add(point);
        taken.delete(point);
      }
    };
    /** Points the rule selects, of the form it needs and in bounds; they are not unmapped, whatever comes of them. */
    const pick: Pick = (select, form) =>
      select === undefined
        ? []
        : points.filter((point) => {
            if (!matches(point, select)) return false;
            left.delete(point);
            const reason =
              point.form === form ? unsound(point, receivedAt) : form === 'delta' ? asDifference : asState;
            if (reason === '') taken.add(point);
            else refuse(reason, [point]);
            return reason === '';
          });
    const made = factsOf(rule, pick, refuse, directory);
    for (const point of taken) used.add(point);
    return made;
  });
  const refused = new Map([...told].map(([reason, of]) => [reason, of.size]));
  const unmapped = new Map<string, number>();
  for (const { metric } of left) unmapped.set(metric, (unmapped.get(metric) ?? 0) + 1);
  return { facts, used: used.size, unmapped, refused };
}

type Pick = (select: Select | undefined, form: 'state' | 'delta') => Point[];

function factsOf(rule: MetricRule, pick: Pick, refuse: Refuse, directory: Directory): Fact[] {
  switch (rule.fact) {
    case 'storage':
      return storage(
        rule,
        current(pick(rule.used, 'state')),
        current(pick(rule.capacity, 'state')),
        directory
      );
    case 'probe':
      return probe(rule, pick(rule.up, 'state'), pick(rule.latency, 'state'), directory);
    case 'transfers':
      return transfers(
        rule,
        pick(rule.instances, 'delta'),
        pick(rule.bytes, 'delta'),
        pick(rule.failures, 'delta'),
        directory
      );
    case 'usage':
      return pick(rule.count, 'delta').flatMap((point) => usage(rule, point, directory));
    case 'gauge':
      return gauges(rule, pick(rule.value, 'state'), directory, refuse);
  }
}

const matches = ({ metric, attributes }: Point, select: Select) =>
  metric === select.metric &&
  Object.entries(select.when).every(([name, value]) => attributes.get(name) === value);

/** Why a point is no figure of its time; '' when it is one. */
function unsound({ value, sum, at, startedAt }: Point, receivedAt: number): string {
  if (!(value >= 0 && (sum ?? 0) >= 0)) return badFigure;
  if (!isTimely(at, receivedAt)) return badTime('timeUnixNano');
  if (startedAt === null) return '';
  if (startedAt > at) return backwards;
  return isTimely(startedAt, receivedAt) ? '' : badTime('startTimeUnixNano');
}
