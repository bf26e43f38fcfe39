import { hash } from 'node:crypto';

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

  /** The id of the first of these bytes: the one given, when it is the first that is known. */
  first(canonical: Buffer, id: string, at: number): string {
    const name = hash('sha256', canonical, 'base64');
    const known = this.#ids.get(name);
    if (known !== undefined && at - known.at < rememberMs) return known.id;
    this.#ids.delete(name);
    if (this.#ids.size >= this.#capacity) {
      const oldest = this.#ids.keys().next().value;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    this.#ids.set(name, { id, at });
    return id;
  }
}
