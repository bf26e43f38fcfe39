import { setTimeout as sleep } from 'node:timers/promises';
import { startTestCollector } from '../testkit/collector.ts';
import { startTestConsole } from '../testkit/console.ts';
import { startTestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { startSender } from './sender.ts';
import { verifyChain } from './verify-chain.ts';
import { expectWholeLane } from './whole.ts';

/** What a soak found. */
export interface KillsResult {
  readonly messages: number;
  readonly kills: Readonly<Record<'collector' | 'engine' | 'console', number>>;
  /** Receptions of messages whose ack the kill swallowed: told apart, never stored twice. */
  readonly repeated: number;
  /** Blocks of all lanes, every message opened. */
  readonly verified_blocks: number;
}

/**
 * Kills collector, engine and console in turn at random moments while messages come in from a sender that keeps each until it
 * is acknowledged. Then everything acknowledged must be there once, rollups must equal their base rows, and the chain verify.
 * @throws with what was wrong
 */
export async function soakKills(
  { messages, kills }: { readonly messages: number; readonly kills: number },
  progress: (sentence: string) => void
): Promise<KillsResult> {
  const engine = await startTestEngine();
  try {
    const collector = await startTestCollector(engine);
    try {
      const console_ = await startTestConsole(engine, collector);
      try {
        const parts = { collector, engine, console: console_ };
        const names = Object.keys(parts) as (keyof typeof parts)[];
        const killed = { collector: 0, engine: 0, console: 0 };
        const sender = startSender(collector, messages);
        for (let n = 0; n < kills; n++) {
          // Spread over the run by what is acknowledged, at a random moment of each stretch.
          const due = ((n + Math.random()) / kills) * messages;
          await until(
            () => Promise.race([sender.done, Promise.resolve()]).then(() => sender.acknowledged()),
            (acknowledged) => acknowledged >= due,
            3_600_000
          );
          const name = names[n % names.length] ?? 'collector';
          progress(
            `kills: ${n + 1} of ${kills}, ${name}, after ${sender.acknowledged()} acknowledged messages`
          );
          await parts[name].kill9();
          await sleep(Math.random() * 1000);
          await parts[name].restart();
          killed[name]++;
        }
        await sender.done;
        progress(`kills: all acknowledged, ${sender.retries()} batches sent again`);
        const sums = await expectWholeLane(engine, messages, 600_000);
        const page = await fetch(`${console_.url}/sign-in`);
        if (!page.ok) throw new Error(`the console answers ${page.status} after its kills`);
        progress('kills: verifying the chain');
        return {
          messages,
          kills: killed,
          repeated: sums.receptions,
          verified_blocks: await verifyChain(engine)
        };
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
