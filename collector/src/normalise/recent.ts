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

  /** @param find called when the name was not met lately; must give the same for the same name */
  get(name: string, find: () => T): T {
    const known = this.#young.get(name);
    if (known !== undefined) return known;
    const value = this.#old.get(name) ?? find();
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
    return value;
  }
}
