import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startTestCollector, type TestCollector } from '../../testkit/collector.ts';
import { startTestConsole } from '../../testkit/console.ts';
import { startTestEngine, type TestEngine } from '../../testkit/engine.ts';
import { playHistory } from '../../testkit/played-history.ts';
import { root } from '../../testkit/process.ts';
import { until } from '../../testkit/until.ts';
import type { BenchOptions, BenchResult } from '../figures.ts';
import { availableSystems, measureBoards, type Figures } from './measure.ts';
import { censusOfYear } from './census.ts';
import { fillYear } from './fill.ts';
import { groupOf } from './group.ts';

const days = 9;
/** Filling writes a year in minutes: the engine has more room for it than where the boards are measured, which is as shipped. */
const roomy = { VIGIE_ENGINE_MEMORY_MB: '2500' };

/** Every board there is: a page is named for its board; where one board is many pages, the busiest. */
const pages = readdirSync(join(root, 'dashboards/boards')).map((file) => file.replace(/\.yaml$/, ''))
  .flatMap((board) => (board === 'systems' ? availableSystems : [board])); // prettier-ignore

/**
 * Every board as the DSI opens it, at 1 and at 10 times the demonstration's size, over one year: a week that the simulator plays through
 * the real protocols, told again by SQL for 52 weeks and for each copy of the group. From the request to the last byte of the page
 * over loopback, warm, with the board's own period and with twelve months.
 * @param options.data folder that is made and kept, so that another run need not fill it
 */
export default async function run(
  progress: (sentence: string) => void,
  { data, times }: BenchOptions
): Promise<BenchResult> {
  const folder = data === undefined ? mkdtempSync(join(tmpdir(), 'vigie-bench-')) : resolve(data);
  mkdirSync(folder, { recursive: true });
  const told: Record<string, Figures> = {};
  const exams: Record<string, number> = {};
  try {
    for (const copies of times === 1 ? [1] : [1, times]) {
      // A kept folder holds the larger group already: the smaller one can be measured no more.
      const isThere = await within(folder, roomy, (engine) => fillTo(engine, copies, progress));
      if (!isThere) continue;
      await within(folder, {}, async (engine) => {
        const size = `x${copies}`;
        exams[size] = await count(engine, 'ops.exam FINAL');
        progress(`boards: ${exams[size]} exams at ${copies} times the demonstration`);
        told[size] = await measured(engine, copies, progress);
      });
    }
  } finally {
    if (data === undefined) rmSync(folder, { recursive: true, force: true });
  }
  const all = Object.values(told).flatMap((one) => Object.values(one));
  const worst = (pick: 'p95_ms' | 'year_p95_ms') => Math.max(...all.map((one) => one[pick]));
  return {
    bench: 'boards',
    cores: availableParallelism(),
    figures: {
      p95_ms: Math.max(worst('p95_ms'), worst('year_p95_ms')),
      own_period_p95_ms: worst('p95_ms'),
      year_p95_ms: worst('year_p95_ms'),
      exams,
      boards: told
    },
    against: {},
    ...(times !== 10 && { conditions: { times } })
  };
}

/** The engine on a folder that stays. */
async function within<T>(folder: string, env: Readonly<Record<string, string>>, use: (engine: TestEngine) => Promise<T>): Promise<T> {
  const engine = await startTestEngine({ dataFolder: folder, env });
  try {
    return await use(engine);
  } finally {
    await engine.stop();
  }
} // prettier-ignore

/** Fills the folder up to a size, and waits until nothing is merged any more. @returns false when it holds more already */
async function fillTo(
  engine: TestEngine,
  copies: number,
  progress: (sentence: string) => void
): Promise<boolean> {
  if ((await count(engine, 'ops.exam_event')) === 0) await playWeek(engine, progress);
  const sites = await count(engine, 'ops.exam', 'uniqExact(site)');
  const { sites: own, ...names } = groupOf(1);
  if (copies === 1 && sites > own) return false;
  const exams = await count(engine, 'ops.exam');
  if (exams < 20_000) await fillYear(engine, { from: 0, to: 1, names }, progress);
  if (copies > 1 && sites < own * copies)
    await fillYear(engine, { from: 1, to: copies, names: groupOf(copies) }, progress);
  if ((await count(engine, 'ops.exam')) > exams) await censusOfYear(engine, progress);
  await restOver(engine, progress);
  await until(() => count(engine, 'system.merges'), (n) => n === 0, 600_000); // prettier-ignore
  return true;
}

/** Puts every month that is over into the one part in which it rests a day later, where its table asks for that. */
async function restOver(engine: TestEngine, progress: (sentence: string) => void): Promise<void> {
  const over = await engine.rows<{ name: string; id: string }>(
    `SELECT DISTINCT concat(p.database, '.', p.table) AS name, p.partition_id AS id FROM system.parts AS p
     INNER JOIN system.tables AS t ON t.database = p.database AND t.name = p.table
     WHERE p.active AND t.create_table_query LIKE '%min_age_to_force_merge_on_partition_only = 1%'
       AND position(p.partition, toString(toYYYYMM(now()))) = 0 ORDER BY name, id`
  );
  for (const { name, id } of over)
    await engine.writer.command({ query: `OPTIMIZE TABLE ${name} PARTITION ID '${id}' FINAL` });
  progress(`boards: ${over.length} months that are over rest in one part each`);
}

async function measured(
  engine: TestEngine,
  copies: number,
  progress: (sentence: string) => void
): Promise<Figures> {
  // Accounts are made anew: their passwords are known to no other run.
  rmSync(join(engine.dataFolder, 'console'), { recursive: true, force: true });
  const passwords = join(engine.dataFolder, 'passwords.txt');
  if (existsSync(passwords)) rmSync(passwords);
  const collector = await startTestCollector(engine, { configText: groupOf(copies).text });
  const console_ = await startTestConsole(engine, collector);
  try {
    const pids = [engine.process, console_.process].map(({ child }) => child.pid ?? 0);
    return await measureBoards(await console_.reader('dsi'), pages, pids, (name, one) =>
      progress(`boards: ${name} at ${copies}: ${JSON.stringify(one)}`)
    );
  } finally {
    await console_.stop();
    await collector.stop();
  }
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
