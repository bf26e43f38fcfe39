import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startTestCollector, type TestCollector } from '../../testkit/collector.ts';
import { startTestConsole } from '../../testkit/console.ts';
import { startTestEngine, type TestEngine } from '../../testkit/engine.ts';
import { playHistory } from '../../testkit/played-history.ts';
import { root } from '../../testkit/process.ts';
import type { Reader } from '../../testkit/reader.ts';
import { until } from '../../testkit/until.ts';
import { median, percentile, rounded, type BenchOptions, type BenchResult } from '../figures.ts';
import { fillYear } from './fill.ts';
import { groupOf } from './group.ts';

const warmLoads = 30;
const days = 9;
/** How each board is opened: with its own period, and with a year's. */
const windows = [['own', ''], ['year', '?period=12m']] as const; // prettier-ignore

/** A page is named for its board; where one board is many pages, the busiest. */
const pages: Readonly<Record<string, string>> = { systems: 'systems/deepunity' };

/** Every board there is. */
const boards = readdirSync(join(root, 'dashboards/boards')).map((file) => file.replace(/\.yaml$/, ''));

type Figures = Record<string, { p50_ms: number; p95_ms: number; year_p50_ms: number; year_p95_ms: number }>;

/**
 * Every board as the DSI opens it, at 1 and at 10 times the demonstration's size, over one year: a week that the simulator plays through
 * the real protocols, told again by SQL for 52 weeks and for each copy of the group. From the request to the last byte of the page
 * over loopback, 30 warm loads each, with the board's own period and with twelve months.
 * @param options.data folder that is made and kept, so that another run need not fill it
 */
export default async function run(
  progress: (sentence: string) => void,
  { data, times }: BenchOptions
): Promise<BenchResult> {
  const folder = data === undefined ? mkdtempSync(join(tmpdir(), 'vigie-bench-')) : resolve(data);
  mkdirSync(folder, { recursive: true });
  const engine = await startTestEngine({ dataFolder: folder });
  try {
    if ((await count(engine, 'ops.exam_event')) === 0) await playWeek(engine, progress);
    const told: Record<string, Figures> = {};
    const sizes: Record<string, number> = {};
    for (const copies of [1, times]) {
      const group = groupOf(copies);
      const stored = await count(engine, 'ops.exam', 'uniqExact(site)');
      // A kept folder holds the larger group already: the smaller one can be measured no more.
      if (copies === 1 && stored > 3) continue;
      if ((await count(engine, 'ops.exam')) < 20_000 || (copies > 1 && stored < 3 * copies))
        await fillYear(engine, { from: copies === 1 ? 0 : 1, to: copies, names: group }, progress);
      await until(() => count(engine, 'system.merges'), (n) => n === 0, 600_000); // prettier-ignore
      sizes[`x${copies}`] = await count(engine, 'ops.exam FINAL');
      progress(`boards: ${sizes[`x${copies}`]} exams at ${copies} times the demonstration`);
      told[`x${copies}`] = await measured(engine, group.text, copies, progress);
    }
    const largest = told[`x${times}`] ?? {};
    const worst = (pick: 'p95_ms' | 'year_p95_ms') => Math.max(...Object.values(largest).map((one) => one[pick]));
    return {
      bench: 'boards',
      cores: availableParallelism(),
      figures: {
        p95_ms: Math.max(worst('p95_ms'), worst('year_p95_ms')),
        own_period_p95_ms: worst('p95_ms'),
        year_p95_ms: worst('year_p95_ms'),
        exams: sizes,
        boards: told
      },
      against: {},
      ...(times !== 10 && { conditions: { times } })
    };
  } finally {
    await engine.stop();
    if (data === undefined) rmSync(folder, { recursive: true, force: true });
  }
} // prettier-ignore

async function measured(
  engine: TestEngine,
  configText: string,
  copies: number,
  progress: (sentence: string) => void
): Promise<Figures> {
  // Accounts are made anew: their passwords are known to no other run.
  rmSync(join(engine.dataFolder, 'console'), { recursive: true, force: true });
  const passwords = join(engine.dataFolder, 'passwords.txt');
  if (existsSync(passwords)) rmSync(passwords);
  const collector = await startTestCollector(engine, { configText });
  const console_ = await startTestConsole(engine, collector);
  try {
    const reader = await console_.reader('dsi');
    const figures: Figures = {};
    for (const board of boards) {
      const told: Record<string, number> = {};
      for (const [name, search] of windows) {
        const times: number[] = [];
        const path = `/${pages[board] ?? board}${search}`;
        await load(reader, path);
        for (let i = 0; i < warmLoads; i++) times.push(await load(reader, path));
        const prefix = name === 'own' ? '' : 'year_';
        told[`${prefix}p50_ms`] = rounded(median(times));
        told[`${prefix}p95_ms`] = rounded(percentile(times, 0.95));
      }
      figures[board] = told as Figures[string];
      progress(`boards: ${board} at ${copies}: ${JSON.stringify(told)}`);
    }
    return figures;
  } finally {
    await console_.stop();
    await collector.stop();
  }
}

async function load(reader: Reader, path: string): Promise<number> {
  const started = performance.now();
  const { status } = await reader.get(path);
  if (status !== 200) throw new Error(`${path} answered ${status}`);
  return performance.now() - started;
}

async function playWeek(engine: TestEngine, progress: (line: string) => void): Promise<void> {
  const collector = await startTestCollector(engine, { configText: groupOf(1).text });
  try {
    const env = {
      VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
      VIGIE_DATA: engine.dataFolder,
      VIGIE_COLLECTOR_PORT: String(collector.ports.http),
      VIGIE_SYSLOG_PORT: String(collector.ports.syslog),
      VIGIE_MLLP_PORT: String(collector.ports.mllp)
    };
    await playHistory({ days, env, progress });
    await until(() => waiting(collector), (bytes) => bytes === 0, 600_000); // prettier-ignore
  } finally {
    await collector.stop();
  }
}

async function waiting(collector: TestCollector): Promise<number> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return [...text.matchAll(/^vigie_spool_bytes\{[^}]*\} (\S+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
} // prettier-ignore

async function count(engine: TestEngine, from: string, what = 'count()'): Promise<number> {
  const [row] = await engine.rows<{ n: number | string }>(`SELECT ${what} AS n FROM ${from}`);
  return Number(row?.n ?? 0);
}
