/** How long a retry is answered with the first one's id, ms: well within the window in which repetitions are found. */
const rememberMs = 86_400_000;

/**
 * Ids of events taken lately, by their canonical bytes: a repeated event's answer leads to the first. Bounded; what it
 * forgets the seal stage still finds, and stores once.
 */
export class RecentEvents {
  readonly #capacity: number;
  readonly #ids = new Map<string, { readonly id: string; readonly at: number }>();

  constructor(capacity = 20_000) {
    this.#capacity = capacity;
  }

  /**
   * The id of the first event of this digest of canonical bytes: the one given, when it is the first that is known.
   * @param at ms
   */
  first(digest: string, id: string, at: number): string {
    const known = this.#ids.get(digest);
    if (known !== undefined && at - known.at < rememberMs) return known.id;
    this.#ids.delete(digest);
    if (this.#ids.size >= this.#capacity) {
      const oldest = this.#ids.keys().next().value;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    this.#ids.set(digest, { id, at });
    return id;
  }
}
