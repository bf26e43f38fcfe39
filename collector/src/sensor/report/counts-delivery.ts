import { Answer, parsed, Refusal } from './deliver.ts';

/** Numbers that only grow, by name. */
export type Counts = Readonly<Record<string, number>>;

interface Options {
  readonly url: string;
  readonly key: string;
  /** Complaints, one sentence each. */
  readonly say: (sentence: string) => void;
}

const timeoutMs = 5_000;

/**
 * What was counted between two moments → records of `/v1/usage`, one a number that grew. Packets are told even when there were
 * none: that nothing comes through the mirrored port is what most needs to be known. Pure.
 */
export function countRecords(before: Counts, now: Counts, from: number, to: number): object[] {
  return Object.entries(now).flatMap(([name, value]) => {
    const count = value - (before[name] ?? 0);
    if (count <= 0 && name !== 'packets') return [];
    return [
      {
        occurred_at: new Date(from).toISOString(),
        kind: 'sensor-count',
        label: name.replaceAll('_', '-'),
        count: Math.max(0, count),
        period_seconds: Math.max(1, Math.round((to - from) / 1000))
      }
    ];
  });
}

/**
 * Tells the collector what the sensor counted. A request stays the same until it is answered for, so that one that was stored
 * without an answer is known again; what is counted meanwhile goes into the next. It is kept in memory alone.
 */
export class CountsDelivery {
  readonly #options: Options;
  #told: Counts = {};
  #since: number;
  #pending:
    | { readonly body: string; readonly records: number; readonly counts: Counts; readonly until: number }
    | undefined;
  #busy = false;
  #complaint = '';

  constructor(options: Options, since: number) {
    this.#options = options;
    this.#since = since;
  }

  /** @returns whether all that was counted before this call is told */
  async send(counts: Counts, now: number): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      const earlier = this.#pending !== undefined;
      if (!(await this.#sendOne(counts, now))) return false;
      return !earlier || (await this.#sendOne(counts, now));
    } finally {
      this.#busy = false;
    }
  }

  async #sendOne(counts: Counts, now: number): Promise<boolean> {
    const pending = (this.#pending ??= this.#request(counts, now));
    const { url, key } = this.#options;
    let status: number;
    let said: unknown;
    try {
      const response = await fetch(`${url}/v1/usage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: pending.body,
        signal: AbortSignal.timeout(timeoutMs)
      });
      status = response.status;
      said = parsed(await response.text());
    } catch {
      // The delivery of transfers says that the collector is away.
      return false;
    }
    if (status === 403)
      return this.#refused('its key may send no usage: add usage to the feeds of the key in vigie.yaml');
    // Such a request would be refused every time, and keep back what comes after it.
    const refusal = Refusal.safeParse(said);
    if (status === 413 || (status === 400 && refusal.success)) {
      this.#settle(pending);
      return this.#refused(
        `the collector does not take it as it is (${`${status} ${refusal.data?.code ?? ''}`.trim()})`
      );
    }
    if (status !== 200 && status !== 422 && status !== 400) return false;
    const answer = Answer.safeParse(said);
    if (!answer.success) return this.#refused(`what answers at ${url} is not a collector`);
    this.#settle(pending);
    const quarantined = pending.records - answer.data.accepted;
    if (quarantined > 0)
      this.#refused(`the collector put ${quarantined} of its ${pending.records} counts in quarantine`);
    else this.#complaint = '';
    return true;
  }

  #request(counts: Counts, now: number) {
    const records = countRecords(this.#told, counts, this.#since, now);
    return { body: JSON.stringify({ records }), records: records.length, counts, until: now };
  }

  /** The request is answered for, and is not sent again: the next tells what came after it. */
  #settle({ counts, until }: { readonly counts: Counts; readonly until: number }): void {
    this.#told = counts;
    this.#since = until;
    this.#pending = undefined;
  }

  /** Says a thing once, not at every try. */
  #refused(why: string): false {
    if (why !== this.#complaint) this.#options.say(`sensor: what it counts is on no page of Vigie, ${why}`);
    this.#complaint = why;
    return false;
  }
}
