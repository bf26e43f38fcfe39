import type { Config } from '@vigie/schemas';
import type { Directory } from '../normalise/directory.ts';

/** Seconds of its rate that a sender may send at once. */
const burstSeconds = 2;
/** Senders that are remembered; beyond, the one that was quiet longest is forgotten, its debt with it. */
const capacity = 10_000;

/** What holds for one sender: its size, and its rate, which all its connections share. */
export interface SourceLimit {
  /** System id, or the address of a sender that is none. */
  readonly name: string;
  readonly maxMessageBytes: number;
  /** Counts messages that were taken. @returns ms until no more should be read; 0 within the rate */
  charge(messages: number, now: number): number;
  /** Ms until the sender may send again; 0 when it may now. */
  waitMs(now: number): number;
}

/** A token bucket that may go into debt: what was read is kept, and paid for by waiting. */
class Meter {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond * burstSeconds;
    this.#at = now;
  }
  charge(messages: number, now: number): number {
    const refill = (Math.max(0, now - this.#at) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond * burstSeconds, this.#tokens + refill) - messages;
    this.#at = now;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }
}

/** Limits of vigie.yaml by sender: those of its system, else those of `receivers` for each address. */
export class SourceLimits {
  readonly #config: Config;
  readonly #directory: Pick<Directory, 'systemById' | 'systemByNetwork'>;
  readonly #meters = new Map<string, Meter>();

  constructor(config: Config, directory: Pick<Directory, 'systemById' | 'systemByNetwork'>) {
    this.#config = config;
    this.#directory = directory;
  }

  /** @param source system id when the receiver knows it, else '' */
  of(source: string, peer: string): SourceLimit {
    const { receivers } = this.#config;
    const system = this.#directory.systemById(source) ?? this.#directory.systemByNetwork(peer);
    const name = system?.id ?? (source === '' ? peer : source);
    const perSecond = system?.limits?.max_messages_per_second ?? receivers.max_messages_per_second;
    const told = system?.limits?.max_message_bytes ?? receivers.max_message_bytes;
    const charge = (messages: number, now: number) =>
      perSecond === undefined ? 0 : this.#meter(name, perSecond, now).charge(messages, now);
    return {
      name,
      maxMessageBytes: Math.min(told, receivers.max_message_bytes),
      charge,
      waitMs: (now) => charge(0, now)
    };
  }

  #meter(name: string, perSecond: number, now: number): Meter {
    const meter = this.#meters.get(name) ?? new Meter(perSecond, now);
    this.#meters.delete(name);
    this.#meters.set(name, meter);
    if (this.#meters.size > capacity) this.#meters.delete(this.#meters.keys().next().value ?? name);
    return meter;
  }
}
