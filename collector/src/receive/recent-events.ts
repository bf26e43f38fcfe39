import { Recent } from '../normalise/recent.ts';

/** How long a retry is answered with the first one's id, ms: well within the window in which repetitions are found. */
const rememberMs = 86_400_000;

/**
 * Ids of events taken lately, by their canonical bytes: a repeated event's answer leads to the first. What it forgets the
 * seal stage still finds, and stores once.
 */
export class RecentEvents {
  readonly #recent: Recent<{ readonly id: string; readonly at: number }>;

  /** @param capacity ids that are kept at least; at most twice as many are */
  constructor(capacity = 10_000) {
    this.#recent = new Recent(capacity);
  }

  /**
   * The id of the first event of this digest of canonical bytes: the one given, when it is the first that is known.
   * @param at ms
   */
  first(digest: string, id: string, at: number): string {
    const fits = (known: { readonly at: number }) => at - known.at < rememberMs;
    return this.#recent.get(digest, () => ({ id, at }), fits).id;
  }
}
