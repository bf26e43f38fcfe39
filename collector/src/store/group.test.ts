import { expect, test } from 'vitest';
import { laneSums, wholeLane } from '@vigie/tools/testkit/audit-lane';
import { auditSyslog, counted, sendTcp } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

const messages = 34_000;

/** Blocks that pile up while the store is away, and what is in once it is back. */
async function afterAnOutage(engine: TestEngine, source: (n: number) => string) {
  const collector = await startTestCollector(engine);
  const send = (from: number, to: number) =>
    sendTcp(
      collector.ports.syslog,
      Array.from({ length: to - from }, (_, n) =>
        counted(auditSyslog(from + n, { source: source(from + n) }))
      )
    );
  try {
    await engine.kill9();
    await send(0, messages);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await engine.restart();
    return await until(
      () => laneSums(engine),
      ({ settled }) => settled >= messages,
      90_000
    );
  } finally {
    await collector.stop();
  }
}

/** Inserts into the facts of the audit lane, and the blocks these came from. */
const inserted = async (engine: TestEngine) =>
  engine.rows<{ inserts: number; blocks: number }>(`
    SELECT toUInt32(max(max_block_number) - min(min_block_number) + 1) AS inserts,
      (SELECT toUInt32(count()) FROM audit.block WHERE lane = 'audit') AS blocks
    FROM system.parts WHERE active AND database = 'audit' AND table = 'event' AND partition LIKE '(\\'audit\\'%'`);

test('blocks that wait together are stored by one insert, each with its own header', async () => {
  const engine = await startTestEngine();
  try {
    const told = await afterAnOutage(engine, () => 'VNA');
    expect(told).toEqual({ ...wholeLane(messages), highest: messages });
    const [{ inserts, blocks } = { inserts: 0, blocks: 0 }] = await inserted(engine);
    expect(blocks).toBeGreaterThanOrEqual(5);
    expect(inserts).toBeLessThan(blocks);
  } finally {
    await engine.stop();
  }
}, 180_000);

test('of blocks that wait together a refused row stands alone, and everything else is stored once', async () => {
  const engine = await startTestEngine();
  try {
    await engine.writer.command({
      query: `ALTER TABLE audit.event ADD CONSTRAINT no_poison CHECK audit_source != 'POISON'`
    });
    const told = await afterAnOutage(engine, (n) => (n === 21_000 ? 'POISON' : 'VNA'));
    const whole = wholeLane(messages - 1);
    expect(told).toMatchObject({ ...whole, quarantined: 1, received: messages, settled: messages });
  } finally {
    await engine.stop();
  }
}, 180_000);
