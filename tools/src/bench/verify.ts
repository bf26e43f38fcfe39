import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readKeyRing } from '@vigie/evidence/key-ring';
import { verifyEvidence } from '@vigie/evidence/verify/verify';
import { auditSyslog, counted, sendTcp } from '../testkit/audit-messages.ts';
import { startTestCollector } from '../testkit/collector.ts';
import { startTestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { median, rounded, type BenchOptions, type BenchResult } from './figures.ts';

const messages = 200_000;
const messageBytes = 3000;

/**
 * Verifying a log of audit messages of 3 kB, at both levels: records a second, from the first question to the report, with a
 * thread a core. The messages come in through the collector; nothing else runs while they are verified.
 */
export default async function run(
  progress: (sentence: string) => void,
  { runs }: BenchOptions
): Promise<BenchResult> {
  const engine = await startTestEngine();
  try {
    await fill(engine, progress);
    const keys = join(engine.dataFolder, 'keys');
    const vaultKey = readFileSync(join(keys, 'vault.key'), 'utf8');
    const rates: Record<1 | 2, number[]> = { 1: [], 2: [] };
    for (let n = 1; n <= runs; n++)
      for (const level of [1, 2] as const) {
        const report = await verifyEvidence({
          store: engine.readerAddress,
          ring: readKeyRing(keys),
          vaultKey: level === 2 ? vaultKey : undefined,
          jobs: availableParallelism(),
          signal: new AbortController().signal
        });
        if (!report.good) throw new Error(`the log is not whole: ${JSON.stringify(report.findings[0])}`);
        const rate = report.chains.reduce((sum, { records }) => sum + records, 0) / report.seconds;
        rates[level].push(rate);
        progress(`verify: run ${n} of ${runs}: level ${level}: ${Math.round(rate)} records/s`);
      }
    return {
      bench: 'verify',
      cores: availableParallelism(),
      figures: {
        level1_records_per_s: rounded(median(rates[1])),
        level2_records_per_s: rounded(median(rates[2])),
        records: messages,
        message_bytes: messageBytes
      },
      against: {},
      ...(runs !== 3 && { conditions: { runs } })
    };
  } finally {
    await engine.stop();
  }
}

async function fill(
  engine: Awaited<ReturnType<typeof startTestEngine>>,
  progress: (sentence: string) => void
): Promise<void> {
  progress(`verify: taking in ${messages} messages of ${messageBytes} bytes`);
  const collector = await startTestCollector(engine);
  const frames = function* () {
    for (let n = 0; n < messages; n++) yield counted(auditSyslog(n, { bytes: messageBytes }));
  };
  await sendTcp(collector.ports.syslog, frames());
  const stored = async () => {
    const query = "SELECT toUInt32(count()) AS n FROM audit.event WHERE lane = 'audit'";
    return (await engine.rows<{ n: number }>(query))[0]?.n ?? 0;
  };
  await until(stored, (n) => n === messages, 900_000);
  await collector.stop();
}
