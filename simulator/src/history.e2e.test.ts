import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { root, startProcess } from '@vigie/tools/testkit/process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planDay } from './plan/day.ts';
import { addDays, dayOf } from './plan/paris.ts';
import { census } from './plan/storage.ts';
import { World } from './plan/world.ts';

let engine: TestEngine;
let collector: TestCollector;
const env = () => ({
  ...process.env,
  VIGIE_CONFIG: join(root, 'vigie.yaml'),
  VIGIE_DATA: engine.dataFolder,
  VIGIE_COLLECTOR_PORT: String(collector.ports.http),
  VIGIE_SYSLOG_PORT: String(collector.ports.syslog),
  VIGIE_MLLP_PORT: String(collector.ports.mllp),
  VIGIE_SIMULATOR_HTTP_PORT: '0',
  VIGIE_SIMULATOR_DICOM_PORT: '0'
});
const simulate = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'simulator/src/main.ts'), ...args], {
    cwd: root,
    env: env(),
    encoding: 'utf8',
    timeout: 120_000
  });
const count = async (what: string) =>
  (await engine.rows<{ n: number }>(`SELECT count() AS n FROM ${what}`))[0]?.n ?? 0;

beforeAll(async () => {
  engine = await startTestEngine();
  const probed = readFileSync(join(root, 'vigie.yaml'), 'utf8').replace(
    /^pulls:\n(?:[ ].*\n)*/m,
    'pulls: []\n'
  );
  // Probes stay declared, so that their history is accepted; nothing answers them, which is not looked at here.
  collector = await startTestCollector(engine, { configText: probed });
});
afterAll(async () => {
  await collector.stop();
  await engine.stop();
});

test('history goes through the real receivers whole: every message becomes its row, none is quarantined', async () => {
  const config = parseConfig(readFileSync(join(root, 'vigie.yaml'), 'utf8'), 'vigie.yaml');
  const world = new World(config, config.simulator.seed);
  const started = Date.now();
  const run = simulate('history', '--days', '1');
  expect(run.stderr).toContain('100 %');
  expect(run.status).toBe(0);
  const today = dayOf(started);
  const yesterday = addDays(today, -1);
  const planned = planDay(world, yesterday, today, { probes: true });
  const kinds = (wanted: string) =>
    planned.filter((one) => (one.kind === 'json' ? one.feed : one.kind) === wanted).length;
  const inside = `toDate(occurred_at, 'Europe/Paris') = '${yesterday}'`;
  const stored = async () => ({
    audit: await count(`audit.event WHERE lane = 'audit' AND ${inside}`),
    hl7: await count(`ops.exam_event WHERE ${inside}`),
    transfers: await count(`ops.transfer WHERE ${inside}`),
    volumes: await count(`ops.study_volume WHERE ${inside} AND reason = 'stored'`),
    storage: await count(`ops.storage_sample WHERE ${inside}`),
    probes: await count(`ops.probe_result WHERE ${inside}`)
  });
  const told = {
    audit: kinds('audit'),
    hl7: kinds('hl7'),
    transfers: kinds('transfers'),
    volumes: kinds('volumes'),
    storage: kinds('storage'),
    probes: kinds('probes')
  };
  await expect.poll(stored, { timeout: 25_000, interval: 250 }).toEqual(told);
  expect(await count("ops.study_volume WHERE reason = 'census'")).toBe(census(world, started).length);
  expect(await engine.rows('SELECT source, reason, detail FROM audit.quarantine LIMIT 5')).toEqual([]);
  expect(await count("ops.signal WHERE code = 'simulation' AND state = 'opened'")).toBeGreaterThan(0);
});

test('a second run repeats nothing', async () => {
  const before = await count("audit.event WHERE lane = 'audit'");
  expect(simulate('history', '--days', '1').status).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await count('audit.reception')).toBe(0);
  // Only what happened meanwhile came on top.
  expect((await count("audit.event WHERE lane = 'audit'")) - before).toBeLessThan(200);
});

test('live, its systems answer: health, exporters, and a real C-ECHO', async () => {
  const config = { ...env(), VIGIE_SIMULATOR_HTTP_PORT: '28480', VIGIE_SIMULATOR_DICOM_PORT: '21112' };
  const simulator = await startProcess('simulator/src/main.ts', { args: ['live'], env: config });
  const url = String(simulator.ready['url']);
  expect([200, 503]).toContain((await fetch(`${url}/systems/ris/health`)).status);
  expect(await (await fetch(`${url}/exporters/deepunity/metrics`)).text()).toMatch(
    /node_filesystem_size_bytes\{.*mountpoint="\/srv\/nl-1"\} 1\.2e\+13/
  );
  const echo = (title: string) =>
    spawnSync('echoscu', ['-aec', title, '127.0.0.1', '21112'], { encoding: 'utf8' }).status;
  expect(echo('NOBODY')).not.toBe(0);
  expect(echo('VNA')).toBe(0);
  expect(await simulator.stop()).toBe(0);
});

test('the load generator reaches a rate, and writes files of frames', () => {
  const run = simulate('load', '--kind', 'hl7', '--rate', '200', '--seconds', '2', '--connections', '2');
  const { sent, per_s: rate } = JSON.parse(run.stdout) as { sent: number; per_s: number };
  expect(sent).toBeGreaterThan(200);
  expect(rate).toBeGreaterThan(100);
  const file = join(engine.dataFolder, 'frames');
  expect(simulate('load', '--kind', 'audit', '--rate', '10', '--seconds', '2', '--out', file).status).toBe(0);
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8').match(/^\d+ <85>1 /)).not.toBeNull();
});

test('it says what it can do, and what is wrong', () => {
  expect(
    execFileSync(process.execPath, [join(root, 'simulator/src/main.ts'), '--help'], { encoding: 'utf8' })
  ).toContain('history --days N');
  expect(simulate('dance').stderr).toContain('there is no command "dance"');
  expect(simulate('load', '--kind', 'x').stderr).toContain('--kind must be');
});
