import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { root, startProcess } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planDay } from './plan/day.ts';
import type { Happening } from './plan/event.ts';
import { addDays, dayOf, midnight } from './plan/paris.ts';
import { census } from './plan/storage.ts';
import { World } from './plan/world.ts';
import { made, shippedConfig, wire } from './testkit.ts';

const days = 3;
const today = dayOf(Date.now());
const config = shippedConfig();
const world = new World(config, config.simulator.seed);
let engine: TestEngine;
let collector: TestCollector;
const env = () => ({
  VIGIE_CONFIG: join(root, 'vigie.yaml'),
  VIGIE_DATA: engine.dataFolder,
  VIGIE_COLLECTOR_PORT: String(collector.ports.http),
  VIGIE_SYSLOG_PORT: String(collector.ports.syslog),
  VIGIE_MLLP_PORT: String(collector.ports.mllp),
  VIGIE_SIMULATOR_HTTP_PORT: '0',
  VIGIE_SIMULATOR_DICOM_PORT: '0'
});
const script = join(root, 'simulator/src/main.ts');
const simulate = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...process.env, ...env() },
    encoding: 'utf8',
    timeout: 110_000
  });
const count = async (what: string) =>
  Number((await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${what}`))[0]?.n ?? 0);

/** Days that are over, and what stands of them. */
const finished = Array.from({ length: days }, (_, i) => addDays(today, -1 - i));
async function stored(): Promise<Record<string, number>> {
  const inside = `occurred_at >= fromUnixTimestamp64Milli(${midnight(finished.at(-1) ?? '')}) AND occurred_at < fromUnixTimestamp64Milli(${midnight(today)})`;
  return {
    audit: await count(`audit.event WHERE lane = 'audit' AND ${inside}`),
    hl7: await count(
      `ops.exam_event WHERE milestone != 'distributed' AND source IN ('ris', 'telerad-si') AND ${inside}`
    ),
    mpps: await count(`ops.exam_event WHERE source = 'deepunity' AND milestone = 'ended' AND ${inside}`),
    exams: await count(
      `ops.exam_event WHERE (source = 'ris' AND milestone = 'distributed' OR source IN ('deepunity', 'viewer') AND milestone IN ('available', 'opened')) AND ${inside}`
    ),
    adt: await count(`ops.visit_event WHERE ${inside}`),
    web: await count(`ops.transfer WHERE grain = 'request' AND ${inside}`),
    transfers: await count(`ops.transfer WHERE grain != 'request' AND ${inside}`),
    volumes: await count(`ops.study_volume WHERE reason != 'census' AND ${inside}`),
    storage: await count(`ops.storage_sample WHERE ${inside}`),
    probes: await count(`ops.probe_result WHERE ${inside}`),
    usage: await count(`ops.usage WHERE (system = 'drimbox' OR kind = 'sensor-count') AND ${inside}`)
  };
}
/** Messages of the identity feed make rows of visits, not of exams. */
const kindOf = (one: Happening) =>
  one.kind === 'json' ? one.feed : one.kind === 'hl7' && one.text.includes('||ADT^') ? 'adt' : one.kind;
function told(): Record<string, number> {
  const happenings = finished.flatMap((day) => made(planDay(world, day, today, { probes: true })));
  return Object.fromEntries(
    ['audit', 'hl7', 'mpps', 'exams', 'adt', 'web', 'transfers', 'volumes', 'storage', 'probes', 'usage'].map(
      (kind) => [kind, happenings.filter((one) => kindOf(one) === kind).length]
    )
  );
}

beforeAll(async () => {
  engine = await startTestEngine();
  // Probes stay declared, so that their history is taken; that nothing answers them today is not looked at here.
  const text = readFileSync(join(root, 'vigie.yaml'), 'utf8').replace(
    /^pulls:\n(?:[ ].*\n)*/m,
    'pulls: []\n'
  );
  collector = await startTestCollector(engine, { configText: text });
});
afterAll(async () => {
  await collector.stop();
  await engine.stop();
});

test('killed in the middle of its history it goes on where it was: every message becomes its row once, none is quarantined', async () => {
  const first = spawn(process.execPath, [script, 'history', '--days', String(days)], {
    cwd: root,
    env: { ...process.env, ...env() },
    stdio: ['ignore', 'ignore', 'pipe']
  });
  const exited = once(first, 'exit');
  let output = '';
  await new Promise<void>((resolve) =>
    first.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      // The second day has begun: the kill falls into it.
      if (/ 25 %|100 %/.test(output)) setTimeout(resolve, 150);
    })
  );
  first.kill('SIGKILL');
  await exited;
  const second = simulate('history', '--days', String(days));
  expect([second.status, second.stderr]).toEqual([0, expect.stringContaining('100 %')]);
  const truth = told();
  expect(await until(stored, (now) => JSON.stringify(now) === JSON.stringify(truth), 60_000)).toEqual(truth);
  const analysed = finished.flatMap((day) =>
    made(planDay(world, day, today, { probes: true })).filter(({ kind }) => kind === 'otlp')
  );
  expect(await count("ops.usage WHERE kind = 'ai-inference'")).toBeGreaterThanOrEqual(analysed.length);
  const held = census(world, midnight(addDays(today, -days)));
  expect(await count("ops.study_volume WHERE reason = 'census'")).toBe(held.length);
  expect(await engine.rows('SELECT source, reason, detail FROM audit.quarantine LIMIT 5')).toEqual([]);
  expect(
    await engine.rows(
      "SELECT source, repairs FROM audit.event WHERE lane = 'audit' AND notEmpty(repairs) LIMIT 5"
    )
  ).toEqual([]);
  expect(await count("ops.signal WHERE code = 'simulation' AND state = 'opened'")).toBeGreaterThan(0);
  expect(await engine.rows("SELECT DISTINCT source FROM audit.event WHERE source LIKE 'unknown:%'")).toEqual(
    []
  );
}, 180_000);

test('what is stored says what was planned: sites, readers, actors, patients', async () => {
  const [day = ''] = finished;
  const happenings = made(planDay(world, day, today, { probes: true }));
  const at = `occurred_at >= fromUnixTimestamp64Milli(${midnight(day)}) AND occurred_at < fromUnixTimestamp64Milli(${midnight(addDays(day, 1))})`;
  const signed = happenings.flatMap((one) =>
    one.kind === 'hl7' && /\rOBX\|1\|.*\|[FC]\r/.test(one.text) ? [one.text] : []
  );
  const across = signed.filter((text) => {
    const [, facility] = /^MSH\|\^~\\&\|[^|]*\|([^|]*)/.exec(text) ?? [];
    const reader = /\|([^|]*)\rOBX\|1/.exec(text)?.[1]?.split('^').at(-1);
    return facility !== reader;
  });
  expect(await count(`ops.exam_event WHERE milestone = 'signed' AND ${at}`)).toBe(signed.length);
  expect(await count(`ops.exam_event WHERE milestone = 'signed' AND site != actor_site AND ${at}`)).toBe(
    across.length
  );
  const audits = happenings.filter((one) => one.kind === 'audit');
  const emergencies = audits.filter((one) => /bris_de_glace|110127/.test(wire(one)));
  expect(await count(`audit.event WHERE emergency = 1 AND ${at}`)).toBe(emergencies.length);
  const looks = audits.filter(({ message }) => message.event.code === '110103');
  expect(
    await count(
      `audit.event WHERE event_code = '110103' AND actor_kind = 'person' AND length(patients) = 1 AND notEmpty(studies) AND notEmpty(modalities) AND site != '' AND ${at}`
    )
  ).toBe(looks.length);
});

test('a second run repeats nothing', async () => {
  const before = {
    audits: await count("audit.event WHERE lane = 'audit'"),
    again: await count('audit.reception')
  };
  expect(simulate('history', '--days', String(days)).status).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(await count('audit.reception')).toBe(before.again);
  // Only what happened meanwhile came on top.
  expect((await count("audit.event WHERE lane = 'audit'")) - before.audits).toBeLessThan(300);
});

test('live, something is heard every few seconds, at night too, and it stops in order', async () => {
  const simulator = await startProcess('simulator/src/main.ts', { args: ['live'], env: env() });
  const started = Date.now();
  const fresh = () =>
    count(`audit.event WHERE lane = 'audit' AND occurred_at > fromUnixTimestamp64Milli(${started - 2000})`);
  expect(await until(fresh, (rows) => rows > 0, 30_000)).toBeGreaterThan(0);
  expect(await simulator.stop()).toBe(0);
}, 60_000);

test('the load generator reaches its rate over each protocol', () => {
  for (const kind of ['audit', 'fhir', 'hl7', 'transfers']) {
    const run = simulate('load', '--kind', kind, '--rate', '200', '--duration', '2', '--connections', '2');
    const report = JSON.parse(run.stdout) as Record<string, number>;
    expect(report['messages']).toBeGreaterThan(250);
    expect(report['messages']).toBeLessThanOrEqual(410);
    expect(report['latency_p95_ms']).toBeGreaterThanOrEqual(report['latency_p50_ms'] ?? Infinity);
  }
});
