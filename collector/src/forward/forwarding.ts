import type { Config } from '@vigie/schemas';
import type { AuditMessage } from '@vigie/schemas/audit-message';
import { forwardTakenOut } from '@vigie/schemas/own-audit';
import { lanes } from '../reception.ts';
import type { SpoolEnvironment } from '../spool/environment.ts';
import { maxAgeMs, receivedBefore } from './choice.ts';
import { Forwarder, type ForwardObserver, type ForwardStatus } from './forwarder.ts';
import type { PieceSeal } from './piece-seal.ts';
import { forwardQueues, type Choice, type ForwardQueues } from './queue.ts';
import type { QueueState } from './queue-state.ts';

/** Queues are looked over for what is too old this often, ms; what would be by the next time goes too. */
const lookOverMs = 3_600_000;
/** The same for a target that vigie.yaml no longer names. */
const strayAgeMs = 30 * 86_400_000;

/** What a withdrawal came to. */
export interface Withdrawn {
  /** Taken out of queues. */
  readonly withdrawn: number;
  /** Of those, how many may have left: their piece was on its way. */
  readonly leaving: number;
}

/** All targets of vigie.yaml: their queues, and who sends them. */
export class Forwarding {
  readonly queues: ForwardQueues;
  readonly #forwarders: ReadonlyMap<string, Forwarder>;
  readonly #ages: ReadonlyMap<string, number>;
  readonly #collector: string;
  readonly #tell: (message: AuditMessage, at: number) => Promise<unknown>;
  readonly #failed: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param parts.tell writes an act into Vigie's own log
   * @param parts.stray told each target with something in its queue that vigie.yaml no longer names
   */
  constructor(
    { forwarding, retention }: Pick<Config, 'forwarding' | 'retention'>,
    parts: {
      readonly spool: SpoolEnvironment;
      readonly seal: PieceSeal;
      readonly collector: string;
      readonly observe: ForwardObserver;
      tell(message: AuditMessage, at: number): Promise<unknown>;
      stray(target: string, state: QueueState): void;
      failed(error: Error): void;
    }
  ) {
    const { collector, observe } = parts;
    this.queues = forwardQueues(parts.spool, forwarding, parts.seal);
    this.#ages = new Map(forwarding.map((rule) => [rule.id, maxAgeMs(rule, retention)]));
    this.#collector = collector;
    this.#tell = (message, at) => parts.tell(message, at);
    this.#failed = (error) => parts.failed(error);
    this.#forwarders = new Map(
      forwarding.map((rule) => {
        const age = this.#ages.get(rule.id) ?? strayAgeMs;
        const expire = () => this.#expire(rule.id, age);
        return [
          rule.id,
          new Forwarder(rule, { queues: this.queues, observe, collector, maxAgeMs: age, expire })
        ];
      })
    );
    this.#timer = setInterval(() => void this.#lookOver(() => undefined), lookOverMs);
    void this.#lookOver((target) => parts.stray(target, this.queues.state(target)));
  }

  /** Seals what is plain, and drops what is too old. */
  async #lookOver(stray: (target: string) => void): Promise<void> {
    try {
      await this.queues.sealPlain();
      for (const target of await this.queues.targets()) {
        if (!this.#forwarders.has(target)) stray(target);
        await this.#expire(target, this.#ages.get(target) ?? strayAgeMs);
      }
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #expire(target: string, age: number): Promise<void> {
    const now = Date.now();
    const choice = receivedBefore(lanes, now - age + lookOverMs);
    const messages = (await this.queues.takeOut(choice, 'expired', [target])).get(target)?.messages ?? 0;
    if (messages > 0) await this.#tellOf(target, 'expired', messages, undefined);
  }

  /**
   * Takes messages out of every queue, so that they are sent to nobody any more.
   * @param because id of the operator's act in Vigie's own log
   */
  async withdraw(choice: Choice, because: string): Promise<Withdrawn> {
    const release = [...this.#forwarders.values()].map((one) => one.hold());
    try {
      const sending = new Map([...this.#forwarders].map(([target, { sending: number }]) => [target, number]));
      const found = await this.queues.takeOut(choice, 'withdrawn');
      let [withdrawn, leaving] = [0, 0];
      for (const [target, { messages, pieces }] of found) {
        withdrawn += messages;
        const number = sending.get(target);
        if (number !== undefined && pieces.has(number)) {
          leaving += pieces.get(number) ?? 0;
          this.#forwarders.get(target)?.interrupt();
        }
        await this.#tellOf(target, 'withdrawn', messages, because);
      }
      return { withdrawn, leaving };
    } finally {
      for (const one of release) one();
    }
  }

  #tellOf(target: string, why: 'withdrawn' | 'expired', messages: number, because: string | undefined) {
    const at = Date.now();
    return this.#tell(
      forwardTakenOut(`collector-${this.#collector}`, at, { target, why, messages, because }),
      at
    );
  }

  status(now: number): ForwardStatus[] {
    return [...this.#forwarders.values()].map((one) => one.status(now));
  }

  /** Something was queued. */
  go(): void {
    for (const one of this.#forwarders.values()) one.go();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#forwarders.values()].map((one) => one.stop()));
  }
}
