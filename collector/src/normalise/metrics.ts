import type { MetricRule } from '@vigie/schemas';
import type { GaugeUnit } from '@vigie/schemas/facts/gauge';
import { Modality } from '@vigie/schemas/facts/record';
import type { Point } from '../decode/otlp/read.ts';
import { isTimely } from '../decode/time.ts';
import type { Fact } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { label, originAt } from './origin.ts';
import { ends } from './transfer.ts';

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
/** Labels of one gauge that a request may tell: each is a row. */
const mostLabels = 200;
const tooManyLabels = `a gauge has more than ${mostLabels} labels: name those that matter under when, or another label_from`;
const tooLarge = 'a value is beyond 2^53 in the unit that is stored';
const maxUInt32 = 4_294_967_295;

type Rule<F extends MetricRule['fact']> = Extract<MetricRule, { fact: F }>;
interface Select {
  readonly metric: string;
  readonly when: Readonly<Record<string, string>>;
}

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
type Refuse = (reason: string, points: readonly Point[]) => void;

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

const total = (points: readonly Point[]) => Math.round(points.reduce((sum, { value }) => sum + value, 0));
const totalOrNull = (points: readonly Point[] | undefined) => (points === undefined ? null : total(points));
const atMostUInt32 = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Math.min(value, maxUInt32);
const latest = (points: readonly Point[]) => points.reduce((last, { at }) => Math.max(last, at), 0);

function placeOf(system: string, told: string | undefined, directory: Directory) {
  const site =
    (told === undefined ? undefined : (directory.siteById(told) ?? directory.siteByAlias(told))?.id) ??
    directory.systemById(system)?.site ??
    '';
  return { site, establishment: originAt(system, site, directory).establishment };
}

function storage(
  rule: Rule<'storage'>,
  used: readonly Point[],
  capacity: readonly Point[],
  directory: Directory
): Fact[] {
  if (used.length === 0) return [];
  const { system, pool, tier } = rule;
  const row = {
    ...placeOf(system, undefined, directory),
    occurred_at: latest(used),
    system,
    pool,
    tier,
    capacity: capacity.length === 0 ? null : total(capacity),
    used: total(used),
    studies: null,
    instances: null
  };
  return [{ table: 'ops.storage_sample', row }];
}

function probe(
  rule: Rule<'probe'>,
  up: readonly Point[],
  latency: readonly Point[],
  directory: Directory
): Fact[] {
  const took = latency[0];
  return up.slice(0, 1).map((point): Fact => {
    const success = point.value > 0;
    const row = {
      ...placeOf(rule.system, undefined, directory),
      occurred_at: point.at,
      system: rule.system,
      probe: rule.probe,
      kind: 'other',
      success: success ? 1 : 0,
      latency_ms: took === undefined ? null : inMs(took.value, rule.latency?.unit),
      detail: success ? 'ok' : 'error'
    };
    return { table: 'ops.probe_result', row };
  });
}

function transfers(
  rule: Rule<'transfers'>,
  instances: readonly Point[],
  bytes: readonly Point[],
  failures: readonly Point[],
  directory: Directory
): Fact[] {
  const told = ({ attributes }: Point) => {
    const of = (fixed: string | undefined, from: string | undefined) =>
      label(fixed ?? (from === undefined ? '' : (attributes.get(from) ?? '')));
    return {
      calling: of(rule.calling_ae, rule.calling_ae_from),
      called: of(rule.called_ae, rule.called_ae_from),
      modality: modalityOf(attributes, rule.modality_from),
      site: rule.site_from === undefined ? undefined : attributes.get(rule.site_from)
    };
  };
  const key = (point: Point) => JSON.stringify(told(point));
  const sent = Map.groupBy(instances, key);
  const failed = Map.groupBy(failures, key);
  const weighed = Map.groupBy(bytes, key);
  // An interval in which all failed has failures alone, and no point of what was sent.
  return [...Map.groupBy([...instances, ...failures, ...bytes], key)].flatMap(([name, points]): Fact[] => {
    const [first] = points;
    const [moved, lost, size] = [sent, failed, weighed].map((of) => totalOrNull(of.get(name)));
    if (first === undefined || ![moved, lost, size].some((one) => (one ?? 0) > 0)) return [];
    const { calling, called, modality, site } = told(first);
    const { from, to, authoritative } = ends(calling, called, rule.system, directory);
    const row = {
      ...placeOf(from?.site === undefined ? rule.system : from.id, site, directory),
      occurred_at: first.startedAt ?? first.at,
      observer: rule.system,
      authoritative,
      grain: 'reconstructed',
      service: rule.service,
      calling_ae: calling,
      called_ae: called,
      from_system: from?.id ?? '',
      to_system: to?.id ?? '',
      peer: '',
      modality: modality || (from?.modality ?? ''),
      sop_class: '',
      study: '',
      instances: atMostUInt32(moved),
      failures: atMostUInt32(lost),
      bytes: size ?? null,
      duration_ms: null,
      status: (lost ?? 0) === 0 ? 'success' : (moved ?? size ?? 0) === 0 ? 'failure' : 'warning',
      status_code: '',
      reason: ''
    };
    return [{ table: 'ops.transfer', row }];
  });
}

function usage(rule: Rule<'usage'>, point: Point, directory: Directory): Fact[] {
  if (point.value === 0) return [];
  const { attributes, startedAt, at, sum } = point;
  const named = rule.label_from === undefined ? '' : (attributes.get(rule.label_from) ?? '');
  const row = {
    ...placeOf(
      rule.system,
      rule.site_from === undefined ? undefined : attributes.get(rule.site_from),
      directory
    ),
    occurred_at: startedAt ?? at,
    system: rule.system,
    kind: rule.kind,
    label: rule.label ?? label(named),
    outcome: rule.outcome ?? '',
    modality: modalityOf(attributes, rule.modality_from),
    count: Math.round(point.value),
    period_s: startedAt === null ? null : Math.min(Math.round((at - startedAt) / 1000), maxUInt32),
    duration_ms: sum === null ? null : inMs(sum, rule.count.unit)
  };
  return [{ table: 'ops.usage', row }];
}

/** One row a label and site: what the points of its series come to, at the time of the latest. */
function gauges(rule: Rule<'gauge'>, points: readonly Point[], directory: Directory, refuse: Refuse): Fact[] {
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

/** Of each series its latest point: an exporter may send several moments of a state at once, and they do not add up. */
function current(points: readonly Point[]): Point[] {
  const last = new Map<string, Point>();
  for (const point of points) {
    const series = JSON.stringify([point.metric, ...[...point.attributes].toSorted(([a], [b]) => (a < b ? -1 : 1))]); // prettier-ignore
    if ((last.get(series)?.at ?? -Infinity) <= point.at) last.set(series, point);
  }
  return [...last.values()];
}

/** Unit of a rule → the one that is stored, and how many of it make one. */
const stored = {
  count: { unit: 'count', perUnit: 1 },
  bytes: { unit: 'bytes', perUnit: 1 },
  s: { unit: 'ms', perUnit: 1000 },
  ms: { unit: 'ms', perUnit: 1 },
  ratio: { unit: 'permille', perUnit: 1000 },
  percent: { unit: 'permille', perUnit: 10 }
} as const satisfies Record<Rule<'gauge'>['value']['unit'], { unit: GaugeUnit; perUnit: number }>;

const inMs = (value: number, unit: 'ms' | 's' | undefined) =>
  Math.min(Math.round(unit === 'ms' ? value : value * 1000), maxUInt32);

function modalityOf(attributes: ReadonlyMap<string, string>, from: string | undefined): string {
  const told = from === undefined ? undefined : attributes.get(from);
  return told !== undefined && Modality.safeParse(told).success ? told : '';
}
