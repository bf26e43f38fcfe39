import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

const rules = `metrics:
  - { id: ai, system: ia, fact: usage, kind: ai-result, outcome: success, count: { metric: ai.results, when: { outcome: ok } }, label_from: ai.algorithm, site_from: site, modality_from: modality }
  - { id: ai-time, system: ia, fact: usage, kind: other, label: inference, count: { metric: ai.inference.duration, unit: s } }
  - { id: disk, system: vna, fact: storage, pool: VNA-1, tier: nearline, used: { metric: system.filesystem.usage, when: { state: used } }, capacity: { metric: system.filesystem.limit } }
  - { id: up, system: vna, fact: probe, probe: vna-up, up: { metric: service.up }, latency: { metric: service.latency, unit: ms } }
  - { id: routed, system: deepunity, fact: transfers, instances: { metric: dicom.instances.sent }, bytes: { metric: dicom.bytes.sent }, calling_ae_from: calling, called_ae_from: called }
  - { id: scraped, system: pulsy, fact: usage, kind: other, label: stored, count: { metric: archive_stored_total, when: { node: a } } }
  - { id: scraped-disk, system: pulsy, fact: storage, pool: P-1, tier: archive, used: { metric: archive_used_bytes } }
`;
let engine: TestEngine;
let collector: TestCollector;
let stored = 100;
const exporter = createServer((_, response) => {
  response.end(
    `# TYPE archive_stored_total counter\narchive_stored_total{node="a"} ${stored}\narchive_stored_total{node="b"} 7\narchive_used_bytes 5e12\nother_total 3\n`
  );
});

beforeAll(async () => {
  exporter.listen(0, '127.0.0.1');
  await once(exporter, 'listening');
  const url = `http://127.0.0.1:${(exporter.address() as AddressInfo).port}/metrics`;
  engine = await startTestEngine();
  const configText = quietConfig()
    .replace(/^metrics:\n[^]*?(?=^# Storage pools)/m, '')
    .replace(/feeds: \[audit,.*\]/, 'feeds: [metrics, transfers]')
    .replace(
      'pulls: []\n',
      `pulls:\n  - { id: scrape, kind: prometheus, system: pulsy, url: '${url}', every_seconds: 1, metrics: true }\n${rules}`
    );
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  exporter.close();
  await collector?.stop();
  await engine?.stop();
});

const one = async <T>(query: string, good: (rows: readonly T[]) => boolean) =>
  until(() => engine.rows<T>(query), good, 20_000);
const headers = () => ({ authorization: `Bearer ${collector.simulatorKey}` });
const url = () => `${collector.url}/v1/metrics`;

test.each([
  ['protobuf', ProtobufExporter],
  ['JSON', JsonExporter]
])('metrics of the OpenTelemetry SDK in %s, gzipped, become facts by the rules', async (name, Exporter) => {
  const reader = new PeriodicExportingMetricReader({
    exporter: new Exporter({
      url: url(),
      headers: headers(),
      compression: 'gzip' as never,
      temporalityPreference: AggregationTemporality.DELTA as never
    }),
    exportIntervalMillis: 3_600_000
  });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': 'ai', site: 'troyes' }),
    readers: [reader]
  });
  const meter = provider.getMeter('test');
  const results = meter.createCounter('ai.results');
  results.add(3, { outcome: 'ok', 'ai.algorithm': `mammo-${name.toLowerCase()}`, modality: 'MG' });
  results.add(2, { outcome: 'failed' });
  const duration = meter.createHistogram('ai.inference.duration', { unit: 's' });
  duration.record(1.5);
  duration.record(2);
  meter.createObservableGauge('service.up').addCallback((result) => result.observe(1));
  meter.createObservableGauge('service.latency').addCallback((result) => result.observe(12));
  const disk = meter.createUpDownCounter('system.filesystem.usage');
  disk.add(3e12, { state: 'used' });
  disk.add(1e12, { state: 'free' });
  meter.createUpDownCounter('system.filesystem.limit').add(4e12);
  const route = { calling: 'TRO_CT1', called: 'DEEPUNITY' };
  meter.createCounter('dicom.instances.sent').add(212, route);
  meter.createCounter('dicom.bytes.sent').add(111_000_000, route);
  await provider.forceFlush();
  await provider.shutdown();
  const used = await one<{ label: string }>(
    `SELECT label, outcome, site, modality, toUInt32(count) AS count, duration_ms FROM ops.usage WHERE system = 'ia' ORDER BY label, seq`,
    (rows) => rows.some(({ label }) => label === `mammo-${name.toLowerCase()}`)
  );
  expect(used).toContainEqual({
    label: `mammo-${name.toLowerCase()}`,
    outcome: 'success',
    site: 'troyes',
    modality: 'MG',
    count: 3,
    duration_ms: null
  });
  expect(used).toContainEqual(expect.objectContaining({ label: 'inference', count: 2, duration_ms: 3500 }));
  expect(
    await engine.rows(
      `SELECT DISTINCT pool, tier, used, capacity FROM ops.storage_sample WHERE system = 'vna'`
    )
  ).toEqual([{ pool: 'VNA-1', tier: 'nearline', used: 3e12, capacity: 4e12 }]);
  expect(
    await engine.rows(
      `SELECT DISTINCT probe, success, latency_ms FROM ops.probe_result WHERE probe = 'vna-up'`
    )
  ).toEqual([{ probe: 'vna-up', success: 1, latency_ms: 12 }]);
  expect(
    await engine.rows(
      `SELECT DISTINCT grain, site, from_system, to_system, instances, bytes FROM ops.transfer WHERE observer = 'deepunity'`
    )
  ).toEqual([
    { grain: 'reconstructed', site: 'troyes', from_system: 'troyes-ct-1', to_system: 'deepunity', instances: 212, bytes: 111_000_000 }
  ]); // prettier-ignore
});

const send = (body: string | Buffer, type: string, more: Record<string, string> = {}) =>
  fetch(url(), {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { ...headers(), 'content-type': type, ...more }
  });
const point = (name: string, sum: object) =>
  JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name, sum }] }] }] });

test('what no rule maps and what cannot be used is counted and told in a partial success', async () => {
  const unknown = await send(
    point('unknown.metric', { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ timeUnixNano: '1795507500000000000', asInt: '4' }] }),
    'application/json'
  ); // prettier-ignore
  expect([unknown.status, await unknown.json()]).toEqual([
    200,
    { partialSuccess: { rejectedDataPoints: '1', errorMessage: 'no rule under metrics in vigie.yaml maps unknown.metric' } }
  ]); // prettier-ignore
  const cumulative = await send(
    point('ai.results', { isMonotonic: true, aggregationTemporality: 2, dataPoints: [{ timeUnixNano: '1795507500000000000', asInt: '4', attributes: [{ key: 'outcome', value: { stringValue: 'ok' } }] }] }),
    'application/json'
  ); // prettier-ignore
  expect(JSON.stringify(await cumulative.json())).toContain('TEMPORALITY_PREFERENCE=delta');
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  expect(metrics).toMatch(
    /vigie_stage_records_total\{stage="receive",source="http-simulator",outcome="failed"\} [1-9]/
  );
});

test('a refusal is a Status in the encoding of the request; an empty request is a success', async () => {
  const empty = await send('', 'application/x-protobuf');
  expect([empty.status, empty.headers.get('content-type'), (await empty.arrayBuffer()).byteLength]).toEqual([
    200,
    'application/x-protobuf',
    0
  ]);
  expect(await (await send('{}', 'application/json')).json()).toEqual({});
  const broken = await send(Buffer.from([0xff, 0xff, 0xff]), 'application/x-protobuf');
  expect([broken.status, broken.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
  expect(Buffer.from(await broken.arrayBuffer()).toString('latin1')).toContain('ExportMetricsServiceRequest');
  const json = await send('{"resourceMetrics": 1}', 'application/json');
  expect([json.status, Object.keys((await json.json()) as object)]).toEqual([400, ['message']]);
  expect((await send('x', 'text/plain')).status).toBe(415);
  expect(
    (await send(gzipSync('{}').subarray(0, 8), 'application/json', { 'content-encoding': 'gzip' })).status
  ).toBe(415);
  expect(
    (await fetch(url(), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }))
      .status
  ).toBe(401);
  await one<{ reason: string }>(
    `SELECT reason, detail FROM audit.quarantine WHERE decoder = 'otlp@2'`,
    (rows) => rows.length === 2
  );
});

test('a scrape gives states as they are and counters as what came since, whatever restarts', async () => {
  const total = () =>
    engine.rows<{ n: number }>(`SELECT toUInt32(sum(count)) AS n FROM ops.usage WHERE system = 'pulsy'`);
  await one(`SELECT used FROM ops.storage_sample WHERE system = 'pulsy'`, (rows) => rows.length > 0);
  expect(await total()).toEqual([{ n: 0 }]);
  stored = 142;
  await until(total, ([row]) => row?.n === 42, 20_000);
  await collector.restart();
  stored = 150;
  await until(total, ([row]) => row?.n === 50, 20_000);
  // The exporter began again: all it counts came since.
  stored = 4;
  await until(total, ([row]) => row?.n === 54, 20_000);
  expect(await engine.rows(`SELECT count() AS n FROM audit.quarantine WHERE source = 'pulsy'`)).toEqual([
    { n: 0 }
  ]);
});
