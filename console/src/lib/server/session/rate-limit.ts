/** Token buckets by name. Bounded: beyond its capacity the longest unused name is forgotten. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #capacity: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(perSecond: number, burst: number, capacity = 10_000) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#capacity = capacity;
  }

  /** Takes one. @returns seconds to wait when none is left, else 0 */
  take(name: string, now: number): number {
    const before = this.#buckets.get(name) ?? { left: this.#burst, at: now };
    const refilled = Math.min(
      this.#burst,
      before.left + (Math.max(0, now - before.at) / 1000) * this.#perSecond
    );
    const taken = refilled >= 1;
    this.#buckets.delete(name);
    if (this.#buckets.size >= this.#capacity) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(name, { left: taken ? refilled - 1 : refilled, at: now });
    return taken ? 0 : Math.max(1, Math.ceil((1 - refilled) / this.#perSecond));
  }
}

/** How many requests of one name are under way. */
export class Slots {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs work in a slot. @returns undefined when none is free: then it is not run */
  async run<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    const taken = this.#taken.get(name) ?? 0;
    if (taken >= this.#most) return undefined;
    this.#taken.set(name, taken + 1);
    try {
      return await work();
    } finally {
      const left = (this.#taken.get(name) ?? 1) - 1;
      if (left === 0) this.#taken.delete(name);
      else this.#taken.set(name, left);
    }
  }
}
