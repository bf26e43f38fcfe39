import { statfs } from 'node:fs/promises';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startNodeExporter } from '@vigie/tools/testkit/node-exporter';
import { startPrometheus } from '@vigie/tools/testkit/prometheus';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

const rules = `metrics:
  - { id: memory, system: pulsy, fact: gauge, gauge: memory, value: { metric: process_resident_memory_bytes, unit: bytes } }
  - { id: targets, system: pulsy, fact: gauge, gauge: targets, value: { metric: prometheus_sd_discovered_targets }, label_from: config }
  - { id: scraped, system: pulsy, fact: usage, kind: other, label: metrics-asked, count: { metric: prometheus_http_requests_total, when: { handler: /metrics, code: '200' } } }
  - { id: vna-up, system: vna, fact: probe, probe: vna-exporter, up: { metric: up, when: { job: vna } } }
  - { id: vna-load, system: vna, fact: gauge, gauge: load, value: { metric: node_load1, unit: ratio } }
  - { id: root, system: vna, fact: storage, pool: ROOT-1, tier: online, used: { metric: process_virtual_memory_bytes, when: { job: vna } } }
`;
let engine: TestEngine;
let collector: TestCollector;
let exporter: Awaited<ReturnType<typeof startNodeExporter>>;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;

beforeAll(async () => {
  engine = await startTestEngine();
  exporter = await startNodeExporter();
  const target = new URL(exporter.url).host;
  prometheus = await startPrometheus(engine.dataFolder, { vna: target });
  const match = ['up', 'node_load1', '{__name__=~"node_filesystem_(size|free|avail)_bytes"}', 'process_virtual_memory_bytes']; // prettier-ignore
  const federate = `${prometheus.url}/federate?${match.map((one) => `match[]=${encodeURIComponent(one)}`).join('&')}`;
  await until(
    async () => (await fetch(federate)).text(),
    (text) => text.includes('node_filesystem_size_bytes'),
    30_000
  );
  const configText = quietConfig()
    .replace(/^metrics:\n[^]*?(?=^# Storage pools)/m, '')
    .replace(
      'pulls: []\n',
      `pulls:
  - { id: archive, kind: prometheus, system: pulsy, url: '${prometheus.url}/metrics', every_seconds: 1, metrics: true }
  - { id: federated, kind: prometheus, system: vna, url: '${federate}', every_seconds: 1, metrics: true, filesystems: [{ mountpoint: /, when: { instance: '${target}' }, pool: VNA-1, tier: nearline }] }
${rules}`
    );
  collector = await startTestCollector(engine, { configText });
});
afterAll(async () => {
  await collector?.stop();
  await prometheus?.stop();
  await exporter?.stop();
  await engine?.stop();
});

test('what Prometheus exposes of itself becomes gauges in their units, and its counter the requests that came meanwhile', async () => {
  const gauges = await until(
    () =>
      engine.rows<{ gauge: string; label: string; unit: string; value: string }>(
        `SELECT gauge, label, unit, argMax(value, occurred_at) AS value FROM ops.gauge WHERE system = 'pulsy' GROUP BY gauge, label, unit ORDER BY gauge, label`
      ),
    (rows) => rows.some(({ gauge }) => gauge === 'memory') && rows.some(({ gauge }) => gauge === 'targets'),
    30_000
  );
  const memory = gauges.find(({ gauge }) => gauge === 'memory');
  expect(memory?.unit).toBe('bytes');
  expect(Number(memory?.value)).toBeGreaterThan(10e6);
  // Its own job, and the exporter's: one target each.
  expect(gauges.filter(({ gauge }) => gauge === 'targets').map(({ label, unit, value }) => [label, unit, Number(value)])).toEqual(
    expect.arrayContaining([['prometheus', 'count', 1], ['vna', 'count', 1]])
  ); // prettier-ignore
  const asked = async () => {
    const text = await (await fetch(`${prometheus.url}/metrics`)).text();
    return Number(
      /^prometheus_http_requests_total\{code="200",handler="\/metrics"\} (\d+)$/m.exec(text)?.[1]
    );
  };
  const before = await asked();
  const used = () =>
    engine.rows<{ n: number }>(`SELECT toUInt32(sum(count)) AS n FROM ops.usage WHERE system = 'pulsy'`);
  const [rows] = await until(used, ([row]) => (row?.n ?? 0) > 5, 30_000);
  expect(rows?.n).toBeLessThanOrEqual(Math.max(before, await asked()));
});

test('by its /federate endpoint one Prometheus tells of other machines: disks of the one that is named, its state, its load', async () => {
  const { blocks, bsize } = await statfs('/');
  const [disk] = await until(
    () =>
      engine.rows<{ pool: string; tier: string; capacity: string }>(
        `SELECT pool, tier, argMax(capacity, occurred_at) AS capacity FROM ops.storage_sample WHERE system = 'vna' AND pool = 'VNA-1' GROUP BY pool, tier`
      ),
    (rows) => rows.length > 0,
    30_000
  );
  expect([disk?.tier, Number(disk?.capacity)]).toEqual(['nearline', blocks * bsize]);
  const state = () => engine.rows<{ success: number }>(`SELECT success FROM ops.probe_result WHERE probe = 'vna-exporter' ORDER BY occurred_at DESC LIMIT 1`); // prettier-ignore
  await until(state, ([row]) => row?.success === 1, 30_000);
  const load = await engine.rows<{ unit: string; system: string }>(`SELECT DISTINCT unit, system FROM ops.gauge WHERE gauge = 'load'`); // prettier-ignore
  expect(load).toEqual([{ unit: 'permille', system: 'vna' }]);
  await exporter.stop();
  // Prometheus sees that the machine is gone, and says so by `up`; its disks are a gap, not a zero.
  await until(state, ([row]) => row?.success === 0, 30_000);
  exporter = await startNodeExporter();
});

test('nothing of a real page ends in quarantine or is counted as unreadable', async () => {
  expect(await engine.rows(`SELECT reason, detail FROM audit.quarantine`)).toEqual([]);
  expect(collector.process.output()).not.toContain('not in the Prometheus text format');
});
