import type { SpoolEnvironment } from '../spool/environment.ts';
import { Recent } from '../normalise/recent.ts';
import type { Identity } from '../verdict.ts';
import { RotatingIndex, dayOf, monthOf } from './rotating-index.ts';

const dayMs = 86_400_000;

/**
 * The deduplication window: fingerprint → sequence of its first reception, one index a day of reception.
 * A look-up costs one LMDB get a day kept (about 1 µs each). Only days that receptions came on count, so a collector that
 * was off for a week still knows what it received before.
 */
export class DuplicateWindow {
  readonly #index: RotatingIndex;
  readonly #days: number;
  /** Bounds of the window of the last day asked for. */
  #day = Number.NaN;
  #oldest = '';
  #newest = '';

  constructor(spool: SpoolEnvironment, days = 7) {
    this.#index = new RotatingIndex(spool, 'seen', days + 2);
    this.#days = days;
  }

  /** Sequence of the first reception of this fingerprint on the day of `at` or the days of the window before it. */
  firstSeen(fingerprint: Buffer, at: number): number | undefined {
    if (Math.floor(at / dayMs) !== this.#day) {
      this.#day = Math.floor(at / dayMs);
      this.#oldest = dayOf(at - this.#days * dayMs);
      this.#newest = dayOf(at + dayMs);
    }
    for (const day of this.#index.periods) {
      if (day < this.#oldest || day > this.#newest) continue;
      const value = this.#index.get(day, fingerprint);
      if (value) return value.readDoubleBE(0);
    }
    return undefined;
  }

  open = (at: number): Promise<void> => this.#index.open(dayOf(at));

  /** @param sequence of the first reception, f64 */
  put(day: string, fingerprint: Buffer, sequence: Buffer): void {
    void this.#index.database(day).put(fingerprint, sequence);
  }
}

/** Keys remembered of a month, in two generations. */
const rememberedKeys = 20_000;

/**
 * Identities that are in the vault already this month: each is written once a month, so that it outlives the purge of older
 * months, and the index stays as small as one month's patients.
 */
export class KnownIdentities {
  readonly #index: RotatingIndex;
  /** Keys found in the index lately, all of one month. */
  #recent = new Recent<true>(rememberedKeys);
  #month = '';
  /** Stands for what is known now: an identity that bears it is, without a look at its key. */
  #marks = {};

  constructor(spool: SpoolEnvironment) {
    this.#index = new RotatingIndex(spool, 'identity', 2);
  }

  /** As `has`, for an identity that comes again as the same object. */
  knows(identity: Identity, at: number): boolean {
    if (monthOf(at) === this.#month && identity.known === this.#marks) return true;
    if (!this.has(identity.key, at)) return false;
    identity.known = this.#marks;
    return true;
  }

  /** @param key of an identity (verdict.ts) */
  has(key: string, at: number): boolean {
    const month = monthOf(at);
    if (month !== this.#month) this.forget(month);
    if (this.#recent.peek(key)) return true;
    if (this.#index.get(month, Buffer.from(key, 'latin1')) === undefined) return false;
    this.#recent.set(key, true);
    return true;
  }

  /** Plans were taken back, and what they put into the index with them: only the index itself tells. */
  forget(month = this.#month): void {
    this.#month = month;
    this.#marks = {};
    this.#recent = new Recent<true>(rememberedKeys);
  }

  open = (at: number): Promise<void> => this.#index.open(monthOf(at));

  put(month: string, key: Buffer): void {
    void this.#index.database(month).put(key, Buffer.alloc(1));
  }
}
