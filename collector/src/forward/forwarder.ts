import type { Forward } from '@vigie/schemas';
import { FhirTarget } from './fhir-target.ts';
import type { ForwardQueues, Gap } from './queue.ts';
import { SyslogTarget } from './syslog-target.ts';
import { ForwardError, type Target } from './target.ts';

/** Pause after a failure, ms: doubled each time up to the last. */
const [firstPauseMs, lastPauseMs] = [1000, 60_000] as const;
/** An empty queue is looked at this often, ms; a stored block wakes it sooner. */
const lookMs = 1000;

/** What a target's forwarding stands at, for metrics, health and the console. Names, counts and codes only. */
export interface ForwardStatus {
  readonly id: string;
  readonly kind: Forward['to']['kind'];
  /** host:port or URL of the target. */
  readonly to: string;
  readonly pending: number;
  readonly pending_bytes: number;
  /** Age of the oldest message that waits, ms. */
  readonly oldest_ms: number;
  readonly sent: number;
  readonly refused: number;
  readonly unfit: number;
  readonly skipped: number;
  readonly gaps: readonly Gap[];
  /** Code of the failure that holds it up, or null while it works. */
  readonly error: string | null;
  readonly mend: string | null;
}

/** Calls must not throw. */
export interface ForwardObserver {
  sent(target: string, messages: number): void;
  refused(target: string, ids: readonly string[], reason: string): void;
  failed(target: string, code: string, mend: string): void;
  resumed(target: string): void;
}

/** Sends one target's queue, oldest first, one piece at a time; a dead target holds up nothing but its own queue. */
export class Forwarder {
  readonly #rule: Forward;
  readonly #queues: ForwardQueues;
  readonly #target: Target;
  readonly #observe: ForwardObserver;
  readonly #collector: string;
  #failure: ForwardError | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;
  readonly #done: Promise<void>;

  constructor(
    rule: Forward,
    parts: { readonly queues: ForwardQueues; readonly observe: ForwardObserver; readonly collector: string }
  ) {
    this.#rule = rule;
    this.#queues = parts.queues;
    this.#observe = parts.observe;
    this.#collector = parts.collector;
    this.#target = rule.to.kind === 'fhir' ? new FhirTarget(rule.to) : new SyslogTarget(rule.to);
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    let pause: number = firstPauseMs;
    while (!this.#stopped) {
      const piece = this.#queues.first(this.#rule.id);
      if (piece === undefined) {
        await this.#sleep(lookMs);
        continue;
      }
      try {
        const { refused } = await this.#target.send(piece);
        if (this.#failure) this.#observe.resumed(this.#rule.id);
        this.#failure = undefined;
        pause = firstPauseMs;
        await this.#queues.done(this.#rule.id, piece, refused.length);
        this.#observe.sent(this.#rule.id, piece.receptions.length - refused.length);
        for (const [reason, some] of Map.groupBy(refused, (one) => one.reason)) {
          const ids = some.map(({ seq }) => `${this.#collector}-${piece.lane}-${seq}`);
          this.#observe.refused(this.#rule.id, ids, reason);
        }
      } catch (error) {
        this.#target.close();
        if (this.#stopped) return;
        this.#failure =
          error instanceof ForwardError
            ? error
            : new ForwardError('failed', 'the piece could not be sent: see the log of the target');
        this.#observe.failed(this.#rule.id, this.#failure.code, this.#failure.message);
        await this.#sleep(Math.max(pause, Math.min(3600, this.#failure.retryAfter ?? 0) * 1000));
        pause = Math.min(lastPauseMs, pause * 2);
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Something was queued. A target that failed keeps to its pause. */
  go(): void {
    if (this.#failure === undefined) this.#wake();
  }

  status(now: number): ForwardStatus {
    const { id, to } = this.#rule;
    const { messages, bytes, sent, refused, unfit, gaps } = this.#queues.state(id);
    const oldest = this.#queues.first(id)?.receptions[0]?.receivedAt;
    return {
      id,
      kind: to.kind,
      to: to.kind === 'fhir' ? to.url : `${to.host}:${to.port}`,
      pending: messages,
      pending_bytes: bytes,
      oldest_ms: oldest === undefined ? 0 : Math.max(0, now - oldest),
      sent,
      refused,
      unfit,
      skipped: gaps.reduce((sum, gap) => sum + gap.messages, 0),
      gaps: gaps.slice(-10),
      error: this.#failure?.code ?? null,
      mend: this.#failure?.message ?? null
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    this.#target.close();
    await this.#done;
  }
}
