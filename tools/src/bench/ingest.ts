import { availableParallelism } from 'node:os';
import { auditSyslog, counted, sendTcp } from '../testkit/audit-messages.ts';
import { startTestCollector, type TestCollector } from '../testkit/collector.ts';
import { startTestEngine, type TestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { median as medianOf, rounded, type BenchOptions, type BenchResult } from './figures.ts';
import { cpuSeconds, peakMb } from './process-cost.ts';

const messages = 100_000;
const messageBytes = 3000;
/** Rate and length of the look at how soon a message is visible. */
const [steadyPerSecond, steadySeconds] = [500, 15];

interface Run {
  readonly messages_per_s: number;
  readonly cpu_s_per_million: number;
  readonly collector_peak_mb: number;
  readonly engine_peak_mb: number;
  readonly visible_p95_ms: number;
  readonly lost: number;
  readonly doubled: number;
}

/**
 * Ingest, whole way: 100,000 audit messages of 3 kB over one TCP connection until the last one can be read back, from the
 * first byte sent; then 500 messages a second, each timed from its reception to being visible. Medians over the runs, each
 * on an empty store.
 * @param progress told what goes on, in words
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs }: BenchOptions
): Promise<BenchResult> {
  const results: Run[] = [];
  for (let n = 1; n <= runs; n++) {
    progress(`ingest: run ${n} of ${runs}`);
    const result = await once(progress);
    progress(`ingest: run ${n}: ${JSON.stringify(result)}`);
    results.push(result);
  }
  const median = (name: keyof Run) => medianOf(results.map((one) => one[name]));
  const worst = (name: keyof Run) => Math.max(...results.map((one) => one[name]));
  return {
    bench: 'ingest',
    cores: availableParallelism(),
    figures: {
      messages_per_s: median('messages_per_s'),
      cpu_s_per_million: median('cpu_s_per_million'),
      collector_peak_mb: median('collector_peak_mb'),
      engine_peak_mb: median('engine_peak_mb'),
      visible_p95_ms: median('visible_p95_ms'),
      lost: worst('lost'),
      doubled: worst('doubled')
    },
    against: {},
    ...(runs !== 3 && { conditions: { runs } })
  };
}

async function once(progress: (sentence: string) => void): Promise<Run> {
  const engine = await startTestEngine();
  try {
    const collector = await startTestCollector(engine);
    try {
      const bulk = await measureBulk(engine, collector, progress);
      progress(`ingest: ${steadyPerSecond} messages/s for ${steadySeconds} s`);
      return { ...bulk, visible_p95_ms: await measureVisible(engine, collector) };
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
  progress: (sentence: string) => void
): Promise<Omit<Run, 'visible_p95_ms'>> {
  progress(`ingest: making ${messages} messages`);
  const frames = Array.from({ length: messages }, (_, n) => counted(auditSyslog(n, { bytes: messageBytes })));
  const pids = [collector.process.child.pid ?? 0, engine.process.child.pid ?? 0];
  const cpu = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const before = cpu();
  const started = performance.now();
  const { peaks } = await peakMb(pids, async () => {
    await sendTcp(collector.ports.syslog, frames);
    progress(`ingest: sent after ${Math.round(performance.now() - started)} ms`);
    await until(
      () => count(engine, `SELECT count() AS n FROM audit.event WHERE lane = 'audit'`),
      (n) => n >= messages,
      300_000
    );
  });
  const seconds = (performance.now() - started) / 1000;
  const used = cpu() - before;
  const distinct = await count(
    engine,
    `SELECT uniqExact(studies[1]) AS n FROM audit.event WHERE lane = 'audit'`
  );
  const all = await count(engine, `SELECT count() AS n FROM audit.event WHERE lane = 'audit'`);
  return {
    messages_per_s: Math.round(messages / seconds),
    cpu_s_per_million: rounded((used / messages) * 1e6),
    collector_peak_mb: rounded(peaks[0] ?? 0),
    engine_peak_mb: rounded(peaks[1] ?? 0),
    lost: messages - distinct,
    doubled: all - distinct
  };
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
      counted(auditSyslog(10_000_000 + n + i, { bytes: messageBytes }))
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
