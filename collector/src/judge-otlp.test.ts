import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { expect, test } from 'vitest';
import { readMetrics } from './decode/otlp/read.ts';
import { judge } from './judge.ts';
import { createDirectory } from './normalise/directory.ts';
import { mapPoints } from './normalise/metrics/map-points.ts';

const rules = `
metrics:
  - { id: time, system: pacs, fact: usage, kind: other, label: inference, count: { metric: duration, unit: s }, label_from: a127 }
  - { id: routed, system: pacs, fact: transfers, instances: { metric: sent }, bytes: { metric: bytes }, failures: { metric: failed }, calling_ae_from: calling, called_ae_from: called }
  - { id: placed, system: pacs, fact: transfers, instances: { metric: sent-at }, failures: { metric: failed-at }, calling_ae: GATEWAY, called_ae: ELSEWHERE, site_from: site }
  - { id: alive, system: pacs, fact: probe, probe: alive, up: { metric: alive }, latency: { metric: latency, unit: ms } }
  - { id: queue, system: pacs, fact: gauge, gauge: queue-length, value: { metric: queue }, label_from: name }
  - { id: busy, system: pacs, fact: gauge, gauge: cpu, value: { metric: cpu, unit: ratio }, site_from: site }
  - { id: up, system: pacs, fact: gauge, gauge: up-time, value: { metric: up, unit: s } }
  - { id: busy-twice, system: pacs, fact: gauge, gauge: processor, value: { metric: cpu, unit: ratio } }
  - { id: queue-use, system: pacs, fact: usage, kind: other, label: queued, count: { metric: load } }
  - { id: queue-state, system: pacs, fact: gauge, gauge: load, value: { metric: load } }
  - { id: disk, system: pacs, fact: storage, pool: ON-1, tier: online, used: { metric: disk } }
`;
const file = join(import.meta.dirname, '../fixtures/vigie.yaml');
const directory = createDirectory(
  parseConfig(readFileSync(file, 'utf8') + rules, 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);
const receivedAt = Date.UTC(2026, 10, 24, 8);
const nano = (ms: number) => `${ms}000000`;
const time = { startTimeUnixNano: nano(receivedAt - 60_000), timeUnixNano: nano(receivedAt) };
const attributes = (told: Record<string, string>) =>
  Object.entries(told).map(([key, stringValue]) => ({ key, value: { stringValue } }));

type Metric = Readonly<Record<string, unknown>>;
const requestOf = (metrics: readonly Metric[], resource: object = {}) =>
  Buffer.from(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }));
const histogram = (points: readonly object[]): Metric => ({
  name: 'duration',
  histogram: { aggregationTemporality: 1, dataPoints: points }
});
const counter = (name: string, asInt: string, route: Record<string, string>, at: object = time): Metric => ({
  name,
  sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ ...at, asInt, attributes: attributes(route) }] }
}); // prettier-ignore
const judged = (raw: Buffer) =>
  judge({ raw, format: 'otlp-json', transport: 'http', peer: '10.1.1.1', source: 'pacs', receivedAt }, directory); // prettier-ignore
const rowsOf = (raw: Buffer) => {
  const verdict = judged(raw);
  if (verdict.kind !== 'facts') throw new Error(verdict.detail);
  return verdict.facts.map(({ row }) => row);
};
const refusals = (raw: Buffer) => [
  ...mapPoints(readMetrics(raw, 'json').points, { source: 'pacs', receivedAt }, directory).refused.keys()
];

test('a histogram that counts nothing, or whose sum is no number, spoils nothing beside it', () => {
  const raw = requestOf([
    histogram([
      { ...time, count: '0' },
      { ...time, count: '0', sum: 'NaN' },
      { ...time, count: '3', sum: 'NaN' },
      { ...time, count: '2', sum: 'Infinity' },
      { ...time, count: '4', sum: 1.5 }
    ])
  ]);
  expect(refusals(raw)).toEqual([]);
  expect(rowsOf(raw)).toMatchObject([
    { count: 3, duration_ms: null },
    { count: 2, duration_ms: null },
    { count: 4, duration_ms: 1500 }
  ]);
});

test('an exchange of which failures alone are told is a failed one; one without failures keeps its bytes', () => {
  const [a, b, c] = ['A', 'B', 'C'].map((calling) => ({ calling, called: 'PACS' }));
  const raw = requestOf([
    counter('failed', '7', a ?? {}),
    counter('sent', '5', b ?? {}),
    counter('failed', '1', b ?? {}),
    counter('bytes', '900', c ?? {}),
    counter('sent', '0', { calling: 'D', called: 'PACS' })
  ]);
  expect(rowsOf(raw)).toMatchObject([
    { calling_ae: 'B', instances: 5, failures: 1, bytes: null, status: 'warning' },
    { calling_ae: 'A', instances: null, failures: 7, bytes: null, status: 'failure' },
    { calling_ae: 'C', instances: null, failures: null, bytes: 900, status: 'success' }
  ]);
});

test.each([
  ['startTimeUnixNano', { ...time, startTimeUnixNano: nano(Date.UTC(1989, 11, 31)) }, /^startTimeUnixNano lies before 1990/],
  ['timeUnixNano', { timeUnixNano: nano(receivedAt + 400 * 86_400_000) }, /^timeUnixNano lies before 1990 or more than a year ahead/],
  ['timeUnixNano', { ...time, timeUnixNano: nano(receivedAt - 120_000) }, /^startTimeUnixNano lies after timeUnixNano/]
])('a transfer whose %s cannot be is refused by the name of the field', (_, at, said) => {
  expect(refusals(requestOf([counter('sent', '5', {}, at)]))).toEqual([expect.stringMatching(said)]);
}); // prettier-ignore

test('of a point 128 attributes are read, its own before those of its resource, and that is told', () => {
  const many = (prefix: string, n: number) =>
    attributes(Object.fromEntries(Array.from({ length: n }, (_, i) => [`${prefix}${i}`, `${prefix}-${i}`])));
  const point = { ...time, count: '1', sum: 1, attributes: many('a', 140) };
  const raw = requestOf([histogram([point])], { attributes: many('r', 3) });
  const [read] = readMetrics(raw, 'json').points;
  expect([read?.attributes.size, read?.attributes.get('a127'), read?.attributes.has('r0')]).toEqual([128, 'a-127', false]); // prettier-ignore
  const verdict = judged(raw);
  expect(verdict.kind === 'facts' && verdict.repairs).toEqual(['attributes-cut']);
  const few = { ...point, attributes: many('a', 126) };
  expect(readMetrics(requestOf([histogram([few])], { attributes: many('r', 3) }), 'json').points[0]?.attributes.has('r1')).toBe(true); // prettier-ignore
});

test.each(['json', 'protobuf'] as const)(
  'points beyond 50,000 are refused in %s before any is made',
  (as) => {
    const raw = as === 'json' ? requestOf([{ name: 'sent', summary: { dataPoints: Array(50_001).fill(0) } }]) : emptyPoints(50_001); // prettier-ignore
    expect(() => readMetrics(raw, as)).toThrow('more than 50000 data points');
    if (as === 'protobuf')
      expect(() => readMetrics(emptyPoints(50_000), as)).toThrow('timeUnixNano is not as OTLP has it');
  }
);

test('points of one resource that have no attributes of their own share its; those that have some keep theirs', () => {
  const raw = requestOf([state('up', [[0, 1], [0, 2], [0, 3, { host: 'b' }]])], { attributes: attributes({ host: 'a', rack: '7' }) }); // prettier-ignore
  const [one, two, own] = readMetrics(raw, 'json').points.map((point) => point.attributes);
  expect(two).toBe(one);
  expect([Object.fromEntries(one ?? []), Object.fromEntries(own ?? [])]).toEqual([{ host: 'a', rack: '7' }, { host: 'b', rack: '7' }]); // prettier-ignore
});

test('a request of more empty messages than its points could need is refused before any is made', () => {
  const resources = (count: number) => Buffer.alloc(2 * count, Buffer.from([0x0a, 0]));
  expect(readMetrics(resources(200_000), 'protobuf').points).toEqual([]);
  expect(() => readMetrics(resources(200_001), 'protobuf')).toThrow('more than 50000 data points');
});

/** A gauge of points without their time, as protobuf: two bytes a point. */
function emptyPoints(count: number): Buffer {
  const field = (number: number, body: Buffer) => {
    const length: number[] = [];
    for (let rest = body.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body]);
  };
  const point = Buffer.from([0x0a, 0]);
  const gauge = field(5, Buffer.concat(Array<Buffer>(count).fill(point)));
  return field(1, field(2, field(2, Buffer.concat([field(1, Buffer.from('sent')), gauge]))));
}

const state = (name: string, points: readonly (readonly [number, number, Record<string, string>?])[]): Metric => ({
  name,
  gauge: { dataPoints: points.map(([ago, asDouble, told = {}]) => ({ timeUnixNano: nano(receivedAt - ago), asDouble, attributes: attributes(told) })) }
}); // prettier-ignore

test('a gauge is kept by its label and site, in whole stored units; series of one label add up, moments of one series do not', () => {
  const raw = requestOf([
    state('queue', [
      [60_000, 9, { name: 'hl7', node: 'a' }],
      [0, 4, { name: 'hl7', node: 'a' }],
      [30_000, 3, { node: 'b', name: 'hl7' }],
      [0, 7, { name: 'dicom' }]
    ]),
    state('cpu', [[0, 0.375, { site: 'nord' }]]),
    state('up', [[0, 12.5]]),
    state('disk', [
      [60_000, 5e12, { mount: '/a' }],
      [0, 6e12, { mount: '/a' }],
      [0, 1e12, { mount: '/b' }]
    ])
  ]);
  const rows = rowsOf(raw);
  expect(rows).toMatchObject([
    { gauge: 'queue-length', label: 'hl7', unit: 'count', value: 7, site: '', occurred_at: receivedAt },
    { gauge: 'queue-length', label: 'dicom', unit: 'count', value: 7 },
    { gauge: 'cpu', label: '', unit: 'permille', value: 375, site: 'nord' },
    { gauge: 'up-time', unit: 'ms', value: 12_500 },
    { gauge: 'processor', site: '', value: 375 },
    { pool: 'ON-1', used: 7e12 }
  ]);
  expect(refusals(raw)).toEqual([]);
});

test('labels beyond two hundred, and values that are not kept exactly, are told as refused and not counted as taken', () => {
  const many = Array.from({ length: 250 }, (_, n) => [0, n, { name: `queue-${n}` }] as const);
  const raw = requestOf([state('queue', many), state('up', [[0, 1e15]])]);
  const { facts, used, refused } = mapPoints(readMetrics(raw, 'json').points, { source: 'pacs', receivedAt }, directory); // prettier-ignore
  expect([facts.length, used, ...refused.values()]).toEqual([200, 200, 50, 1]);
  expect([...refused.keys()][0]).toContain('more than 200 labels');
});

test('a point that two rules name is counted once, and as taken when one of them can use it', () => {
  const mapped = (raw: Buffer) => mapPoints(readMetrics(raw, 'json').points, { source: 'pacs', receivedAt }, directory); // prettier-ignore
  const both = mapped(requestOf([state('cpu', [[0, 0.5]])]));
  expect([both.facts.length, both.used, both.refused.size]).toEqual([2, 1, 0]);
  const one = mapped(requestOf([state('load', [[0, 4]])]));
  expect([one.facts.length, one.used, ...one.refused.values()]).toEqual([1, 1, 1]);
});

test('a site told by its id and by its alias is one site of a gauge', () => {
  const raw = requestOf([
    state('cpu', [[0, 0.25, { site: 'nord', node: 'a' }], [0, 0.5, { site: 'NORD', node: 'b' }], [0, 0.1, { site: 'sud' }]])
  ]); // prettier-ignore
  expect(rowsOf(raw)).toMatchObject([
    { gauge: 'cpu', site: 'nord', value: 750 },
    { gauge: 'cpu', site: 'sud', value: 100 },
    { gauge: 'processor', site: '', value: 850 }
  ]);
});

test('what was sent from a site and what failed there are one exchange, whatever the site is called', () => {
  const raw = requestOf([
    counter('sent-at', '5', { site: 'nord' }),
    counter('failed-at', '2', { site: 'NORD' }),
    counter('sent-at', '3', { site: 'sud' })
  ]);
  expect(rowsOf(raw)).toMatchObject([
    { site: 'nord', instances: 5, failures: 2, status: 'warning' },
    { site: 'sud', instances: 3, failures: null, status: 'success' }
  ]);
});

test('a check is what its series come to last: one of them down is a failure, and the slowest tells how long', () => {
  const latency = state('latency', [[0, 12, { node: 'a' }], [0, 40, { node: 'b' }]]); // prettier-ignore
  const up = (b: number) =>
    state('alive', [[60_000, 0, { node: 'a' }], [0, 1, { node: 'a' }], [30_000, b, { node: 'b' }]]); // prettier-ignore
  expect(rowsOf(requestOf([up(1), latency]))).toMatchObject([
    { probe: 'alive', success: 1, latency_ms: 40, occurred_at: receivedAt }
  ]);
  expect(rowsOf(requestOf([up(0), latency]))).toMatchObject([{ success: 0, detail: 'error' }]);
});

test('points that a rule names and cannot use are noted beside those it can, and are the reason where there are no others', () => {
  const refused = state('up', [[0, 1e15]]);
  const some = judged(requestOf([refused, state('queue', [[0, 4]])]));
  expect(some.kind === 'facts' && [some.facts.length, some.repairs]).toEqual([1, ['points-refused']]);
  expect(judged(requestOf([refused]))).toMatchObject({
    kind: 'quarantine',
    reason: 'unsupported-message',
    detail: expect.stringMatching(/^a value is beyond 2\^53/) as string
  });
});
