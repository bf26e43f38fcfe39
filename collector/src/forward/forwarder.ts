import type { Forward } from '@vigie/schemas';
import { FhirTarget } from './fhir-target.ts';
import type { Piece } from './pieces.ts';
import type { ForwardQueues } from './queue.ts';
import type { Gap } from './queue-state.ts';
import { SyslogTarget } from './syslog-target.ts';
import { ForwardError, type Sent, type Target } from './target.ts';

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
  /** Taken out of the queue: what they tell was erased, unlinked or purged. */
  readonly withdrawn: number;
  /** Of `skipped`, those that had waited as long as a message may. */
  readonly expired: number;
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
  readonly #expire: () => Promise<unknown>;
  readonly #maxAgeMs: number;
  #sending: Piece | undefined;
  #held: Promise<void> | undefined;
  #again = false;
  #failure: ForwardError | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;
  readonly #done: Promise<void>;

  /** @param parts.expire takes out of the queue what is older than `maxAgeMs` */
  constructor(
    rule: Forward,
    parts: {
      readonly queues: ForwardQueues;
      readonly observe: ForwardObserver;
      readonly collector: string;
      readonly maxAgeMs: number;
      expire(): Promise<unknown>;
    }
  ) {
    this.#rule = rule;
    this.#expire = () => parts.expire();
    this.#maxAgeMs = parts.maxAgeMs;
    this.#queues = parts.queues;
    this.#observe = parts.observe;
    this.#collector = parts.collector;
    this.#target = rule.to.kind === 'fhir' ? new FhirTarget(rule.to) : new SyslogTarget(rule.to);
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    let pause: number = firstPauseMs;
    while (!this.#stopped) {
      await this.#held;
      try {
        const piece = await this.#next();
        if (piece === undefined) {
          await this.#sleep(lookMs);
          continue;
        }
        // It may be held since it was looked at.
        if (this.#held !== undefined) continue;
        this.#again = false;
        this.#sending = piece;
        const { refused } = await this.#target.send(piece);
        if (this.#failure) this.#observe.resumed(this.#rule.id);
        this.#failure = undefined;
        pause = firstPauseMs;
        await this.#sent(piece, refused);
      } catch (error) {
        this.#target.close();
        if (this.#stopped) return;
        this.#sending = undefined;
        if (this.#again) {
          this.#again = false;
          continue;
        }
        this.#fail(error);
        await this.#sleep(Math.max(pause, Math.min(3600, this.#failure?.retryAfter ?? 0) * 1000));
        pause = Math.min(lastPauseMs, pause * 2);
      } finally {
        this.#sending = undefined;
      }
    }
  }

  /** The oldest piece that may still be sent. @throws {ForwardError} when it cannot be opened */
  async #next(): Promise<Piece | undefined> {
    const { id } = this.#rule;
    if (Date.now() - (this.#queues.oldest(id) ?? Infinity) > this.#maxAgeMs) await this.#expire();
    try {
      return this.#queues.first(id);
    } catch {
      throw new ForwardError(
        'unreadable',
        'keys/forward.key is not the one this queue was sealed with: put that one back'
      );
    }
  }

  async #sent(piece: Piece, refused: Sent['refused']): Promise<void> {
    const { id } = this.#rule;
    await this.#queues.done(piece, refused.length);
    this.#observe.sent(id, piece.receptions.length - refused.length);
    for (const [reason, some] of Map.groupBy(refused, (one) => one.reason)) {
      const ids = some.map(({ seq }) => `${this.#collector}-${piece.lane}-${seq}`);
      this.#observe.refused(id, ids, reason);
    }
  }

  #fail(error: unknown): void {
    this.#failure =
      error instanceof ForwardError
        ? error
        : new ForwardError('failed', 'the piece could not be sent: see the log of the target');
    this.#observe.failed(this.#rule.id, this.#failure.code, this.#failure.message);
  }

  /** Number of the piece that is on its way, if any. */
  get sending(): number | undefined {
    return this.#sending?.key[1];
  }

  /** Begins no other piece until what is returned is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  /** Stops sending the piece that is on its way: it was changed, and is sent again as it is now. */
  interrupt(): void {
    if (this.#sending === undefined) return;
    this.#again = true;
    this.#target.close();
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
    const { messages, bytes, sent, refused, unfit, withdrawn, expired, gaps } = this.#queues.state(id);
    const oldest = this.#queues.oldest(id);
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
      withdrawn,
      expired,
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
