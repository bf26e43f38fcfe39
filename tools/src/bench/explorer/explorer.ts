import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { quietConfig, startTestCollector } from '../../testkit/collector.ts';
import { startTestConsole } from '../../testkit/console.ts';
import { startTestEngine, type TestEngine } from '../../testkit/engine.ts';
import type { Reader } from '../../testkit/reader.ts';
import { until } from '../../testkit/until.ts';
import { median, percentile, rounded, type BenchOptions, type BenchResult } from '../figures.ts';
import { fillYear } from './fill.ts';

const warmLoads = 50;
/** Filters of the first page, as its address tells them: none, what is common, and what is rare. */
const filters = ['', '&event=110103&role=radiologue', '&site=gham&outcome=8&emergency=1'];

/**
 * The explorer over a year of 20 million events, made straight in the engine: the first page with facets and histogram, one
 * patient's and one user's year, each 50 warm loads of the real console over loopback, from the request to the last byte, the
 * log's own writing of the look included. A figure of several addresses is that of the slowest.
 * @param options.data folder that is made and kept, so that another run need not fill it
 */
export default async function run(
  progress: (sentence: string) => void,
  { events, data }: BenchOptions
): Promise<BenchResult> {
  const folder = data === undefined ? mkdtempSync(join(tmpdir(), 'vigie-bench-')) : resolve(data);
  mkdirSync(folder, { recursive: true });
  try {
    return await measure(folder, events, progress);
  } finally {
    if (data === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  folder: string,
  events: number,
  progress: (line: string) => void
): Promise<BenchResult> {
  // prettier-ignore
  const engine = await startTestEngine({ dataFolder: folder });
  try {
    const stored = await one(engine, "SELECT count() AS n FROM audit.event WHERE lane = 'audit'");
    if (stored < events) {
      progress(`explorer: filling ${folder} with ${events} events`);
      await fillYear(engine, events, progress);
    }
    await until(() => one(engine, 'SELECT count() AS n FROM system.merges'), (n) => n === 0, 300_000); // prettier-ignore
    // Accounts are made anew: their passwords are known to no other run.
    rmSync(join(folder, 'console'), { recursive: true, force: true });
    if (existsSync(join(folder, 'passwords.txt'))) rmSync(join(folder, 'passwords.txt'));
    const configText = quietConfig().replace(
      /^accounts:\n/m,
      'accounts:\n  - { login: dpo-all, name: DPO, role: dpo, establishments: all }\n'
    );
    const collector = await startTestCollector(engine, { configText });
    try {
      const console_ = await startTestConsole(engine, collector);
      try {
        return await figures(engine, await console_.reader('dpo-all'), events, progress);
      } finally {
        await console_.stop();
      }
    } finally {
      await collector.stop();
    }
  } finally {
    await engine.stop();
  }
}

async function figures(
  engine: TestEngine,
  reader: Reader,
  events: number,
  progress: (line: string) => void
): Promise<BenchResult> {
  // prettier-ignore
  const told: Record<string, unknown> = {};
  const slowest = async (name: string, pages: readonly (readonly [string, string])[]) => {
    const p95: number[] = [];
    const p50: number[] = [];
    for (const [what, path] of pages) {
      const times: number[] = [];
      await load(reader, path);
      for (let i = 0; i < warmLoads; i++) times.push(await load(reader, path));
      p95.push(percentile(times, 0.95));
      p50.push(median(times));
      told[`${name}: ${what}`] = { p50_ms: rounded(median(times)), p95_ms: rounded(percentile(times, 0.95)) };
      progress(`explorer: ${name}, ${what}: ${JSON.stringify(told[`${name}: ${what}`])}`);
    }
    return { p95: Math.max(...p95), p50 };
  };
  const first = await slowest('first page', filters.map((filter) => [filter.slice(1) || 'no filter', `/access?period=12m${filter}`])); // prettier-ignore
  const patient = await slowest('patient year', await subjects(engine, reader, 'patient'));
  const actor = await slowest('actor year', await subjects(engine, reader, 'user'));
  const bare: number[] = [];
  for (let i = 0; i < 10; i++) bare.push(await bareSql(engine));
  progress(`explorer: the simplest SQL takes ${rounded(median(bare))} ms`);
  const bytes = await one(engine, "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'audit'"); // prettier-ignore
  return {
    bench: 'explorer',
    cores: availableParallelism(),
    figures: {
      events: await one(engine, "SELECT count() AS n FROM audit.event WHERE lane = 'audit'"),
      first_page_p95_ms: rounded(first.p95),
      patient_year_p95_ms: rounded(patient.p95),
      actor_year_p95_ms: rounded(actor.p95),
      bare_sql_ratio: Math.round(((first.p50[0] ?? 0) / median(bare)) * 100) / 100,
      bytes_per_event: rounded(bytes / events),
      filters: told
    },
    against: {}
  };
}

/** Timelines of a subject that is as busy as most, and of one busier than 999 of 1,000. */
async function subjects(
  engine: TestEngine,
  reader: Reader,
  kind: 'patient' | 'user'
): Promise<[string, string][]> {
  // prettier-ignore
  const table = kind === 'patient' ? 'audit.event_by_patient' : 'audit.event_by_actor';
  const key = kind === 'patient' ? 'patient' : 'actor_id';
  const found: [string, string][] = [];
  for (const share of [0.5, 0.999]) {
    const [row] = await engine.rows<{ n: number; collector: string; seq: number }>(
      `SELECT n, collector, seq FROM (SELECT ${key}, toUInt32(count()) AS n, any(e.collector) AS collector, toUInt32(any(e.seq)) AS seq FROM ${table} AS e
        ${kind === 'user' ? "WHERE match(actor_id, '^[0-9a-f]{32}$')" : ''} GROUP BY ${key})
       WHERE n >= (SELECT quantileExact(${share})(n) FROM (SELECT count() AS n FROM ${table} ${kind === 'user' ? "WHERE match(actor_id, '^[0-9a-f]{32}$')" : ''} GROUP BY ${key})) ORDER BY n, seq LIMIT 1`
    );
    const { location } = await reader.post(`/access/${row?.collector}-audit-${row?.seq}-0?/follow`, { kind, index: '0' }); // prettier-ignore
    if (!location) throw new Error(`no timeline of a ${kind}`);
    found.push([`${row?.n} messages`, `${location}&period=12m`]);
  }
  return found;
}

/** What the first page tells, by the simplest statements over the facts. @returns ms */
async function bareSql(engine: TestEngine): Promise<number> {
  const year = "lane = 'audit' AND occurred_at >= now() - INTERVAL 12 MONTH";
  const started = performance.now();
  for (const query of [
    `SELECT * EXCEPT (patients) FROM audit.event WHERE ${year} ORDER BY occurred_at DESC LIMIT 50`,
    `SELECT toStartOfWeek(occurred_at) AS week, count() FROM audit.event WHERE ${year} GROUP BY week`,
    ...['event_code', 'site', 'source', 'action', 'outcome', 'actor_roles[1]', 'modalities[1]', 'emergency'].map(
      (column) => `SELECT ${column} AS value, count() FROM audit.event WHERE ${year} GROUP BY value`
    )
  ])
    await (await engine.reader.query({ query, format: 'JSONEachRow' })).json();
  return performance.now() - started;
} // prettier-ignore

async function load(reader: Reader, path: string): Promise<number> {
  const started = performance.now();
  const { status } = await reader.get(path);
  if (status !== 200) throw new Error(`${path.split('?')[0]} answered ${status}`);
  return performance.now() - started;
}

async function one(engine: TestEngine, query: string): Promise<number> {
  const [row] = await engine.rows<{ n: number | string }>(query);
  return Number(row?.n ?? 0);
}
