import { availableParallelism } from 'node:os';
import { startTestCollector } from '../testkit/collector.ts';
import { startTestEngine, type TestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { rounded, type BenchOptions, type BenchResult } from './figures.ts';
import { makeFeed } from './ingest/feed.ts';

const messages = 400_000;
const messageBytes = 3000;

/** What the log is kept in, by table; the first that matches counts a table. */
const parts: readonly (readonly [string, RegExp])[] = [
  ['facts', /^audit\.event$/],
  ['narrow', /^audit\.event_by_/],
  ['rollups', /^audit\.event_(hourly|daily)$/],
  ['raw', /^vault\.raw_block$/],
  ['identities', /^vault\./],
  ['evidence', /^audit\.block$/],
  ['feeds', /^ops\.feed_/],
  ['rest', /./]
];

/**
 * What a message of 3 kB takes on disk with everything that is kept of it: facts, narrow tables, rollups, raw message, identities,
 * evidence. The messages come in through the collector; tables are merged first, as the engine itself does with a month that is over.
 */
export default async function run(
  progress: (sentence: string) => void,
  { data }: BenchOptions
): Promise<BenchResult> {
  const engine = await startTestEngine(data === undefined ? {} : { dataFolder: data });
  try {
    const before = await stored(engine);
    if (before < messages) await fill(engine, progress);
    const tables = await tableNames(engine);
    for (const table of tables) {
      progress(`disk: merging ${table}`);
      await engine.writer.command({ query: `OPTIMIZE TABLE ${table} FINAL` });
    }
    const rows = await engine.rows<{ name: string; bytes: number }>(
      `SELECT concat(database, '.', table) AS name, toUInt32(sum(bytes_on_disk)) AS bytes FROM system.parts
       WHERE active AND database IN ('audit', 'ops', 'vault') GROUP BY name ORDER BY bytes DESC`
    );
    const events = await stored(engine);
    const byPart = Object.fromEntries(parts.map(([name]) => [name, 0]));
    const byTable: Record<string, number> = {};
    for (const { name, bytes } of rows) {
      const part = parts.find(([, of]) => of.test(name))?.[0] ?? 'rest';
      byPart[part] = (byPart[part] ?? 0) + bytes / events;
      byTable[name] = rounded(bytes / events);
    }
    return {
      bench: 'disk',
      cores: availableParallelism(),
      figures: {
        bytes_per_event: rounded(rows.reduce((sum, { bytes }) => sum + bytes, 0) / events),
        parts: Object.fromEntries(Object.entries(byPart).map(([name, bytes]) => [name, rounded(bytes)])),
        tables: byTable,
        events,
        message_bytes: messageBytes
      },
      against: {}
    };
  } finally {
    await engine.stop();
  }
}

async function fill(engine: TestEngine, progress: (sentence: string) => void): Promise<void> {
  progress(`disk: taking in ${messages} messages of ${messageBytes} bytes`);
  const feed = await makeFeed(messages, messageBytes);
  const collector = await startTestCollector(engine);
  try {
    await feed.send(collector.ports.syslog, 1);
    await until(() => stored(engine), (n) => n >= messages, 900_000); // prettier-ignore
  } finally {
    feed.remove();
    await collector.stop();
  }
}

const tableNames = async (engine: TestEngine) =>
  (
    await engine.rows<{ name: string }>(
      "SELECT DISTINCT concat(database, '.', table) AS name FROM system.parts WHERE active AND database IN ('audit', 'ops', 'vault')"
    )
  ).map(({ name }) => name);

async function stored(engine: TestEngine): Promise<number> {
  const [row] = await engine.rows<{ n: number }>("SELECT toUInt32(count()) AS n FROM audit.event WHERE lane = 'audit'"); // prettier-ignore
  return row?.n ?? 0;
}
