/** A text of its own: a part of a message as a key would keep the whole message in memory. */
export const own = (text: string): string => Buffer.from(text).toString();

/**
 * What was found lately, by name: at most twice `limit` entries. Two generations instead of an order of use: a hit writes
 * nothing. What is dropped is only found again.
 */
export class Recent<T> {
  readonly #limit: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * @param find called when the name was not met lately, or what was found no longer fits
   * @param fits whether a value found before is what is asked for, where the name alone does not tell
   */
  get(name: string, find: () => T, fits?: (known: T) => boolean): T {
    const known = this.#young.get(name);
    if (known !== undefined && (fits === undefined || fits(known))) return known;
    const old = known === undefined ? this.#old.get(name) : undefined;
    const value = old !== undefined && (fits === undefined || fits(old)) ? old : find();
    this.set(name, value);
    return value;
  }

  /** What is remembered under that name, if anything is. */
  peek(name: string): T | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  set(name: string, value: T): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(own(name), value);
  }
}
