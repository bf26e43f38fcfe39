import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { auditSyslog } from '../testkit/audit-messages.ts';
import type { TestCollector } from '../testkit/collector.ts';

const Answer = z.object({ ids: z.array(z.string()), rejected: z.array(z.unknown()) });

/** A sender that keeps every message until it is acknowledged, as the best senders do. */
export interface Sender {
  /** Messages acknowledged so far. */
  acknowledged(): number;
  /** Batches that had to be sent again. */
  retries(): number;
  /** Resolves once everything is acknowledged. */
  readonly done: Promise<void>;
}

const batch = 100;
const lanes = 4;

/**
 * Posts `messages` audit messages to /v1/audit in batches, four at once, each batch again and again until it is acknowledged.
 * Message `n` is about the study `studyOf(n)`.
 * @param perSecond at most so many; as fast as they are taken unless told
 */
export function startSender(
  collector: TestCollector,
  messages: number,
  perSecond = Number.POSITIVE_INFINITY
): Sender {
  let [next, acknowledged, retries] = [0, 0, 0];
  const at = new Date();
  const started = performance.now();

  async function send(from: number, to: number): Promise<boolean> {
    const records = Array.from({ length: to - from }, (_, i) => ({
      xml: auditSyslog(from + i, { at }).replace(/^[^<]*<85>.*? - (?=<AuditMessage)/, '')
    }));
    try {
      const response = await fetch(`${collector.url}/v1/audit`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${collector.simulatorKey}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip'
        },
        body: gzipSync(JSON.stringify({ records }), { level: 1 }),
        signal: AbortSignal.timeout(30_000)
      });
      if (response.status >= 400 && response.status < 500)
        throw new TypeError(`the collector refused a good batch: ${response.status}`);
      if (!response.ok) {
        await response.body?.cancel();
        return false;
      }
      const { ids, rejected } = Answer.parse(await response.json());
      if (ids.length !== to - from || rejected.length > 0)
        throw new TypeError(`the collector took ${ids.length} of ${to - from} good messages`);
      return true;
    } catch (error) {
      // fetch tells a broken connection by a TypeError with a cause.
      if (error instanceof TypeError && error.cause === undefined) throw error;
      return false;
    }
  }

  async function lane(): Promise<void> {
    while (next < messages) {
      const from = next;
      next = Math.min(messages, from + batch);
      const to = next;
      const due = started + (from / perSecond) * 1000 - performance.now();
      if (due > 0) await new Promise((resolve) => setTimeout(resolve, due));
      while (!(await send(from, to))) {
        retries++;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      acknowledged += to - from;
    }
  }
  const done = Promise.all(Array.from({ length: lanes }, lane)).then(() => undefined);
  done.catch(() => undefined);
  return { acknowledged: () => acknowledged, retries: () => retries, done };
}
