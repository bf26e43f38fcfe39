/** A seeded source of numbers: the same labels give the same sequence, on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  /** sfc32, seeded by FNV-1a of the labels joined. */
  constructor(...labels: readonly (string | number)[]) {
    const state = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b];
    const text = labels.join('|');
    for (let i = 0; i < text.length; i++)
      for (let k = 0; k < 3; k++)
        state[k] = Math.imul((state[k] ?? 0) ^ (text.charCodeAt(i) + k * 131), 0x01000193) >>> 0;
    [this.#a, this.#b, this.#c] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0];
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 0 ≤ x < 1 */
  next(): number {
    const t = (this.#a + this.#b + this.#d++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  }

  /** Whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[Math.floor(this.next() * list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** A pick by weight. */
  weighted<T>(list: readonly (readonly [T, number])[]): T {
    const total = list.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.next() * total;
    for (const [value, weight] of list) if ((left -= weight) < 0) return value;
    return this.pick(list)[0];
  }

  /** Log-normal around a median: sizes and delays have long tails. */
  around(median: number, spread = 0.4): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }
}
