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
  #pending: { readonly body: string; readonly counts: Counts; readonly until: number } | undefined;
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
    this.#pending ??= {
      body: JSON.stringify({ records: countRecords(this.#told, counts, this.#since, now) }),
      counts,
      until: now
    };
    const { url, key } = this.#options;
    let status: number;
    try {
      const response = await fetch(`${url}/v1/usage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: this.#pending.body,
        signal: AbortSignal.timeout(timeoutMs)
      });
      status = response.status;
      await response.body?.cancel();
    } catch {
      // The delivery of transfers says that the collector is away.
      return false;
    }
    if (status === 403)
      return this.#refused('its key may send no usage: add usage to the feeds of the key in vigie.yaml');
    if (status === 400 || status === 413 || status === 422)
      return this.#refused(`the collector does not take them (${status})`);
    if (status !== 200) return false;
    this.#told = this.#pending.counts;
    this.#since = this.#pending.until;
    this.#pending = undefined;
    this.#complaint = '';
    return true;
  }

  /** Says a thing once, not at every try. */
  #refused(why: string): false {
    if (why !== this.#complaint) this.#options.say(`sensor: what it counts is on no page of Vigie, ${why}`);
    this.#complaint = why;
    return false;
  }
}
