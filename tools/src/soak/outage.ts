import { setTimeout as sleep } from 'node:timers/promises';
import { startTestCollector, type TestCollector } from '../testkit/collector.ts';
import { startTestEngine } from '../testkit/engine.ts';
import { until } from '../testkit/until.ts';
import { startSender } from './sender.ts';
import { expectWholeLane } from './whole.ts';

export interface OutageResult {
  readonly messages: number;
  readonly outage_s: number;
  /** Most that waited in the spool. */
  readonly spool_peak_mb: number;
  /** Seconds from the engine's return to the last message being stored. */
  readonly caught_up_s: number;
}

/**
 * The engine is away for `seconds` while messages come in: every one is acknowledged all the same, the collector says what it
 * cannot store, and catches up once the engine is back.
 * @throws with what was wrong
 */
export async function soakOutage(
  { seconds, perSecond }: { readonly seconds: number; readonly perSecond: number },
  progress: (sentence: string) => void
): Promise<OutageResult> {
  const messages = Math.ceil(seconds * perSecond);
  const engine = await startTestEngine();
  try {
    const collector = await startTestCollector(engine);
    try {
      await engine.kill9();
      progress(`outage: the engine is away for ${seconds} s`);
      const ends = performance.now() + seconds * 1000;
      const sender = startSender(collector, messages, perSecond);
      let peak = 0;
      while (performance.now() < ends) {
        await sleep(Math.min(5000, Math.max(0, ends - performance.now())));
        const told = await readiness(collector);
        peak = Math.max(peak, told.spool.audit.bytes);
        progress(`outage: ${sender.acknowledged()} acknowledged, ${Math.round(peak / 1e6)} MB wait`);
      }
      await sender.done;
      const failing = (await readiness(collector)).failing;
      if (failing['audit'] === undefined)
        throw new Error('the collector does not say that it cannot store the audit lane');
      const back = performance.now();
      await engine.restart();
      await expectWholeLane(engine, messages, 1_200_000);
      await until(
        () => readiness(collector),
        ({ ready, failing: left }) => ready && Object.keys(left).length === 0
      );
      return {
        messages,
        outage_s: seconds,
        spool_peak_mb: Math.round(peak / 1e6),
        caught_up_s: Math.round((performance.now() - back) / 100) / 10
      };
    } finally {
      await collector.stop();
    }
  } finally {
    await engine.stop();
  }
}

interface Readiness {
  readonly ready: boolean;
  readonly spool_full: boolean;
  readonly parked: Readonly<Record<string, string>>;
  readonly failing: Readonly<Record<string, string>>;
  readonly spool: Readonly<Record<'audit', { readonly bytes: number }>>;
}

/** What /readyz says. */
export async function readiness(collector: TestCollector): Promise<Readiness> {
  return (await (await fetch(`${collector.url}/readyz`)).json()) as Readiness;
}
