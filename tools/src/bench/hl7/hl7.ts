import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { startTestCollector, type TestCollector } from '../../testkit/collector.ts';
import { startTestEngine, type TestEngine } from '../../testkit/engine.ts';
import { until } from '../../testkit/until.ts';
import { median, rounded, type BenchOptions, type BenchResult } from '../figures.ts';
import { cpuSeconds } from '../process-cost.ts';
import { blocksOf, sendPipelined } from './feed.ts';

const messages = 100_000;
/** Sent before, so that code is compiled and caches are filled. */
const warmUp = 10_000;

interface Run {
  readonly messages_per_s: number;
  readonly stored_per_s: number;
  readonly cpu_s_per_million: number;
  readonly lost: number;
  readonly doubled: number;
}

/**
 * HL7 over MLLP: 100,000 messages of a RIS, pipelined over one connection, until the last one is answered AA, which is after its
 * fsync. All of the collector, its decoding threads among it, is pinned to one core; feeder and store have the others.
 * `lost` and `doubled` are the worst of answers and of stored rows.
 * @param progress told what goes on, in words
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs }: BenchOptions
): Promise<BenchResult> {
  progress(`hl7: making ${messages} messages`);
  const feed = blocksOf(warmUp, warmUp + messages);
  const results: Run[] = [];
  for (let n = 1; n <= runs; n++) {
    const result = await once(feed);
    progress(`hl7: run ${n} of ${runs}: ${JSON.stringify(result)}`);
    results.push(result);
  }
  const of = (figure: keyof Run) => results.map((one) => one[figure]);
  return {
    bench: 'hl7',
    cores: availableParallelism(),
    figures: {
      messages_per_s: median(of('messages_per_s')),
      stored_per_s: median(of('stored_per_s')),
      cpu_s_per_million: median(of('cpu_s_per_million')),
      lost: Math.max(...of('lost')),
      doubled: Math.max(...of('doubled'))
    },
    against: {},
    ...(runs !== 3 && { conditions: { runs } })
  };
}

async function once(feed: Buffer): Promise<Run> {
  const engine = await startTestEngine();
  try {
    const collector = await startTestCollector(engine);
    try {
      const pid = collector.process.child.pid ?? 0;
      execFileSync('taskset', ['-a', '-c', '-p', '0', String(pid)], { stdio: 'ignore' });
      await sendPipelined(collector.ports.mllp, blocksOf(0, warmUp), warmUp);
      await stored(engine, collector, warmUp);
      return await measure(engine, collector, pid, feed);
    } finally {
      await collector.stop();
    }
  } finally {
    await engine.stop();
  }
}

async function measure(
  engine: TestEngine,
  collector: TestCollector,
  pid: number,
  feed: Buffer
): Promise<Run> {
  const before = cpuSeconds(pid);
  const started = performance.now();
  const { seconds, accepted, others } = await sendPipelined(collector.ports.mllp, feed, messages);
  await stored(engine, collector, warmUp + messages);
  const whole = (performance.now() - started) / 1000;
  const used = cpuSeconds(pid) - before;
  const [rows] = await engine.rows<{ all: number; distinct: number }>(
    `SELECT count() AS all, uniqExact(accession, milestone) AS distinct FROM ops.exam_event WHERE source = 'ris'`
  );
  const [all, distinct] = [Number(rows?.all), Number(rows?.distinct)];
  const answered = new Set(accepted).size;
  return {
    messages_per_s: Math.round(messages / seconds),
    stored_per_s: Math.round(messages / whole),
    cpu_s_per_million: rounded((used / messages) * 1e6),
    lost: Math.max(messages - answered, warmUp + messages - distinct),
    doubled: Math.max(accepted.length - answered, all - distinct) + others
  };
}

/** Resolves when so many messages are rows, and the spool is empty. */
async function stored(engine: TestEngine, collector: TestCollector, wanted: number): Promise<void> {
  await until(
    async () => {
      const [row] = await engine.rows<{ n: number }>(`SELECT count() AS n FROM ops.exam_event`);
      return Number(row?.n);
    },
    (n) => n >= wanted,
    300_000
  );
  await until(
    async () => {
      const text = await (await fetch(`${collector.url}/metrics`)).text();
      return Number(/^vigie_spool_bytes\{lane="ops"\} (\d+)/m.exec(text)?.[1] ?? Number.NaN);
    },
    (bytes) => bytes === 0
  );
}
