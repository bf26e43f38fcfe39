import { z } from 'zod';
import type { Batch, Outbox } from './outbox.ts';

/** What the collector says of a request that it read, whatever it took of it. */
export const Answer = z.object({ accepted: z.int(), rejected: z.array(z.unknown()) });
/** What the collector says of a request that it does not take as a whole. */
export const Refusal = z.object({ code: z.string(), mend: z.string() });

/** What delivery came to so far. */
export interface DeliveryCounts {
  sent: number;
  /** Records the collector did not take as they are: it keeps them in quarantine, or they stay in the spool. */
  refused: number;
  /** Times the collector was away, or asked to wait. */
  retries: number;
}

export interface DeliveryOptions {
  readonly url: string;
  /** The API key, of a system that may send transfers. */
  readonly key: string;
  readonly outbox: Outbox;
  /** Complaints, one sentence each. */
  readonly say: (sentence: string) => void;
}

const timeoutMs = 30_000;
const longestWaitMs = 60_000;

/** Sends what waits in the outbox, in order; a batch stays until the collector has answered for it. */
export class Delivery {
  readonly counts: DeliveryCounts = { sent: 0, refused: 0, retries: 0 };
  readonly #options: DeliveryOptions;
  #waitUntil = 0;
  #waitMs = 500;
  #complaint = '';
  #busy: Promise<boolean> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Sends all that waits, until the collector is away. @returns whether nothing waits any more */
  send(now: number): Promise<boolean> {
    if (now < this.#waitUntil) return Promise.resolve(false);
    this.#busy ??= this.#sendAll()
      .catch((error: unknown) =>
        this.#later(`the spool cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`)
      )
      .finally(() => (this.#busy = undefined));
    return this.#busy;
  }

  async #sendAll(): Promise<boolean> {
    const { outbox } = this.#options;
    for (let batch = outbox.first(); batch !== undefined; batch = outbox.first()) {
      if (!(await this.#sendOne(batch))) return false;
    }
    return true;
  }

  /** @returns false when it is to be tried again later */
  async #sendOne(batch: Batch & { readonly body: Buffer }): Promise<boolean> {
    const { url, key } = this.#options;
    let response: Response;
    try {
      response = await fetch(`${url}/v1/transfers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
        body: new Uint8Array(batch.body),
        signal: AbortSignal.timeout(timeoutMs)
      });
    } catch {
      return this.#later(`the collector does not answer at ${url}`);
    }
    const said = parsed(await response.text().catch(() => ''));
    const refusal = Refusal.safeParse(said);
    // Such a batch would be refused every time, and keep back what comes after it.
    if (response.status === 413 || (response.status === 400 && refusal.success))
      return this.#setAside(batch, `${response.status} ${refusal.data?.code ?? ''}`.trim());
    if (response.status !== 200 && response.status !== 422 && response.status !== 400) {
      const retryAfter = Number(response.headers.get('retry-after') ?? 0) * 1000;
      const mend = response.status === 401 || response.status === 403 ? ': check the key and its feeds' : '';
      return this.#later(`the collector answered ${response.status}${mend}`, retryAfter);
    }
    const answer = Answer.safeParse(said);
    if (!answer.success) return this.#later(`what answers at ${url} is not a collector`);
    const { accepted } = answer.data;
    this.#options.outbox.remove(batch);
    this.counts.sent += accepted;
    this.counts.refused += batch.records - accepted;
    if (accepted < batch.records)
      this.#say(`the collector put ${batch.records - accepted} records of a batch in quarantine`);
    if (this.#complaint !== '' && accepted === batch.records) {
      this.#complaint = '';
      this.#options.say('sensor: the collector takes records again');
    }
    this.#waitMs = 500;
    return true;
  }

  #setAside(batch: Batch, answer: string): true {
    this.#options.outbox.setAside(batch);
    this.counts.refused += batch.records;
    this.#say(
      `the collector does not take a batch as it is (${answer}): such batches stay in the spool as .refused files`
    );
    this.#waitMs = 500;
    return true;
  }

  #later(why: string, atLeastMs = 0): false {
    this.counts.retries += 1;
    this.#say(`${why}; records wait on disk`);
    this.#waitUntil = Date.now() + Math.max(this.#waitMs, atLeastMs);
    this.#waitMs = Math.min(longestWaitMs, this.#waitMs * 2);
    return false;
  }

  /** Says a thing once, not at every try. */
  #say(complaint: string): void {
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#options.say(`sensor: ${complaint}`);
  }
}

/** The JSON value of an answer's body; undefined when it holds none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
