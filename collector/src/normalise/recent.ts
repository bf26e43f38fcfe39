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

interface Place<T> {
  young: Map<string, T>;
  old: Map<string, T>;
}

/**
 * As `Recent`, by a place (two names that recur, such as those of the configuration) and a name in it: no key is put together, and a
 * name that is the same text object as before is not even hashed anew.
 */
export class RecentByPlace<T> {
  readonly #limit: number;
  readonly #places = new Map<string, Map<string, Place<T>>>();
  #count = 0;

  /** @param limit entries of all places together; at most twice as many are kept */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is remembered of that name in that place, if anything is. */
  peek(first: string, second: string, name: string): T | undefined {
    const place = this.#places.get(first)?.get(second);
    if (place === undefined) return undefined;
    const value = place.young.get(name);
    if (value !== undefined) return value;
    const old = place.old.get(name);
    if (old !== undefined) this.#keep(first, second, name, old);
    return old;
  }

  set(first: string, second: string, name: string, value: T): void {
    this.#keep(first, second, own(name), value);
  }

  #keep(first: string, second: string, name: string, value: T): void {
    if (this.#count >= this.#limit) this.#age();
    let places = this.#places.get(first);
    if (places === undefined) this.#places.set(own(first), (places = new Map<string, Place<T>>()));
    let place = places.get(second);
    if (place === undefined) places.set(own(second), (place = { young: new Map(), old: new Map() }));
    const before = place.young.size;
    place.young.set(name, value);
    this.#count += place.young.size - before;
  }

  #age(): void {
    for (const [first, places] of this.#places) {
      for (const [second, place] of places)
        if (place.young.size === 0) places.delete(second);
        else [place.old, place.young] = [place.young, new Map<string, T>()];
      if (places.size === 0) this.#places.delete(first);
    }
    this.#count = 0;
  }
}
