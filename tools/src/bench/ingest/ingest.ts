import { availableParallelism } from 'node:os';
import { counted, sendTcp } from '../../testkit/audit-messages.ts';
import { startTestCollector, type TestCollector } from '../../testkit/collector.ts';
import { startTestEngine, type TestEngine } from '../../testkit/engine.ts';
import { until } from '../../testkit/until.ts';
import { median, rounded, type BenchOptions, type BenchResult } from '../figures.ts';
import { cpuSeconds, peakMb } from '../process-cost.ts';
import { makeFeed, type Feed, type Feeds } from './feed.ts';
import { busySyslog } from './messages.ts';
import { installSyslogNg, measureSyslogNg, type PeerRun } from './syslog-ng.ts';

const messages = 100_000;
/** Taken in first and not counted: what is measured is a receiver that runs, not one that starts. */
const warmUpMessages = 20_000;
const messageBytes = 3000;
/** Rate and length of the look at how soon a message is visible. */
const [steadyPerSecond, steadySeconds] = [500, 15];

interface Run {
  readonly messages_per_s: number;
  readonly cpu_s_per_million: number;
  /** Of the messages before, which warm it up. */
  readonly cold_cpu_s_per_million: number;
  readonly collector_peak_mb: number;
  readonly engine_peak_mb: number;
  readonly visible_p95_ms: number;
  readonly lost: number;
  readonly doubled: number;
}

type Figures<T> = Readonly<Record<keyof T, number>>;

/**
 * Ingest, whole way: after 20,000 to warm up, 100,000 audit messages of 3 kB over one TCP connection until the last one can be read back and the spool
 * is empty, from the first byte sent; then 500 messages a second, each timed from its reception to being visible. Medians over
 * the runs, each on an empty store. Against syslog-ng: the same files and feeder, runs in turn, over one connection and four.
 * @param progress told what goes on, in words
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs, against }: BenchOptions
): Promise<BenchResult> {
  progress(`ingest: making ${warmUpMessages + messages} messages`);
  const feed = await makeFeed(messages, messageBytes);
  const warmUp = await makeFeed(warmUpMessages, messageBytes, messages);
  const feeds = { warmUp, feed };
  try {
    const common = { bench: 'ingest', cores: availableParallelism() };
    const conditions = runs === 3 ? {} : { conditions: { runs } };
    if (against === undefined) {
      const ours = await several(runs, 1, progress, feeds);
      return { ...common, figures: medians(ours), against: {}, ...conditions };
    }
    const home = installSyslogNg();
    const figures: Record<string, Figures<Run>> = {};
    const theirs: Record<string, Figures<PeerRun>> = {};
    for (const connections of [1, 4]) {
      const name = `c${connections}`;
      const peer: PeerRun[] = [];
      const ours = await several(runs, connections, progress, feeds, async (n) => {
        const result = await measureSyslogNg(home, feeds, connections);
        progress(`ingest: ${name}, run ${n} of syslog-ng: ${JSON.stringify(result)}`);
        peer.push(result);
      });
      figures[name] = medians(ours);
      theirs[name] = medians(peer);
    }
    return { ...common, figures, against: { 'syslog-ng': theirs }, ...conditions };
  } finally {
    feed.remove();
    warmUp.remove();
  }
}

async function several(
  runs: number,
  connections: number,
  progress: (sentence: string) => void,
  feeds: Feeds,
  peer: (n: number) => Promise<void> = () => Promise.resolve()
): Promise<Run[]> {
  const results: Run[] = [];
  for (let n = 1; n <= runs; n++) {
    const result = await once(progress, feeds, connections);
    progress(`ingest: c${connections}, run ${n} of ${runs}: ${JSON.stringify(result)}`);
    results.push(result);
    await peer(n);
  }
  return results;
}

/** Median of each figure; of what is lost or doubled, the worst. */
function medians<T extends object>(runs: readonly T[]): Figures<T> {
  const names = Object.keys(runs[0] ?? {}) as (keyof T & string)[];
  const told = names.map((name) => {
    const values = runs.map((one) => Number(one[name]));
    return [name, name === 'lost' || name === 'doubled' ? Math.max(...values) : median(values)];
  });
  return Object.fromEntries(told) as Figures<T>;
}

async function once(progress: (sentence: string) => void, feeds: Feeds, connections: number): Promise<Run> {
  const engine = await startTestEngine();
  try {
    const collector = await startTestCollector(engine);
    try {
      const cold = await measureBulk(engine, collector, feeds.warmUp, connections);
      const bulk = await measureBulk(engine, collector, feeds.feed, connections);
      progress(`ingest: ${steadyPerSecond} messages/s for ${steadySeconds} s`);
      const { cpu_s_per_million } = cold;
      return {
        ...bulk,
        cold_cpu_s_per_million: cpu_s_per_million,
        visible_p95_ms: await measureVisible(engine, collector)
      };
    } finally {
      await collector.stop();
    }
  } finally {
    await engine.stop();
  }
}

async function measureBulk(
  engine: TestEngine,
  collector: TestCollector,
  feed: Feed,
  connections: number
): Promise<Omit<Run, 'visible_p95_ms' | 'cold_cpu_s_per_million'>> {
  const stored = `SELECT count() AS n FROM audit.event WHERE lane = 'audit'`;
  // Each message has a millisecond of its own (messages.ts): a login is about no study.
  const distinct = `SELECT uniqExact(occurred_at) AS n FROM audit.event WHERE lane = 'audit'`;
  const [storedBefore, distinctBefore] = [await count(engine, stored), await count(engine, distinct)];
  const pids = [collector.process.child.pid ?? 0, engine.process.child.pid ?? 0];
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = cpu();
  const started = performance.now();
  const { peaks } = await peakMb(pids, async () => {
    await feed.send(collector.ports.syslog, connections);
    // The collector is asked, not the engine: a question to the engine ten times a second would be work of the bench, not of ingest.
    await until(
      () => spooled(collector),
      (bytes) => bytes === 0,
      300_000
    );
    await until(
      () => count(engine, stored),
      (n) => n - storedBefore >= feed.messages
    );
  });
  const seconds = (performance.now() - started) / 1000;
  const used = cpu() - before;
  const found = (await count(engine, distinct)) - distinctBefore;
  const all = (await count(engine, stored)) - storedBefore;
  return {
    messages_per_s: Math.round(feed.messages / seconds),
    cpu_s_per_million: rounded((used / feed.messages) * 1e6),
    collector_peak_mb: rounded(peaks[0] ?? 0),
    engine_peak_mb: rounded(peaks[1] ?? 0),
    lost: feed.messages - found,
    doubled: all - found
  };
}

/** Bytes of the audit lane that wait for the store, as the collector itself says. */
async function spooled(collector: TestCollector): Promise<number> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return Number(/^vigie_spool_bytes\{lane="audit"\} (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** 95th percentile of the time from reception to being readable, in ms; looking ten times a second adds up to 100 ms. */
async function measureVisible(engine: TestEngine, collector: TestCollector): Promise<number> {
  const total = steadyPerSecond * steadySeconds;
  const delays: number[] = [];
  let last = await count(engine, `SELECT max(seq) AS n FROM audit.event WHERE lane = 'audit'`);
  const sending = sendSteadily(collector.ports.syslog, total);
  await until(
    async () => {
      const now = Date.now();
      const rows = await engine.rows<{ seq: number; at: number }>(
        `SELECT seq, toUnixTimestamp64Milli(received_at) AS at FROM audit.event WHERE lane = 'audit' AND seq > ${last} ORDER BY seq`
      );
      for (const { seq, at } of rows) {
        delays.push(now - Number(at));
        last = Number(seq);
      }
      return delays.length;
    },
    (seen) => seen >= total,
    120_000
  );
  await sending;
  return delays.toSorted((a, b) => a - b)[Math.floor(delays.length * 0.95)] ?? 0;
}

async function sendSteadily(port: number, total: number): Promise<void> {
  const perTick = steadyPerSecond / 20;
  const ticker: Promise<void>[] = [];
  for (let n = 0; n < total; n += perTick) {
    const frames = Array.from({ length: perTick }, (_, i) =>
      counted(busySyslog(messages + warmUpMessages + n + i, messageBytes))
    );
    ticker.push(sendTcp(port, frames));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await Promise.all(ticker);
}

async function count(engine: TestEngine, query: string): Promise<number> {
  const [row] = await engine.rows<{ n: number | string }>(query);
  return Number(row?.n ?? 0);
}
