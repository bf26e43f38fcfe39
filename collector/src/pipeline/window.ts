import type { SpoolEnvironment } from '../spool/environment.ts';

const dayMs = 86_400_000;

/** Day of a reception, UTC: the name of its index. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');

/**
 * The deduplication window: one index a day of reception, dropped whole once it is older than the window.
 * A look-up costs one LMDB get a day (about 1 µs), so no filter stands in front of it.
 */
export class DuplicateWindow {
  readonly #spool: SpoolEnvironment;
  readonly #days: number;

  constructor(spool: SpoolEnvironment, days = 7) {
    this.#spool = spool;
    this.#days = days;
  }

  firstSeen(fingerprint: Buffer, at: number): number | undefined {
    const known = this.#spool.days();
    for (let back = 0; back <= this.#days; back++) {
      const day = dayOf(at - back * dayMs);
      if (!known.includes(day)) continue;
      const value = this.#spool.seen(day).get(fingerprint);
      if (value) return value.readDoubleBE(0);
    }
    return undefined;
  }

  /** Makes sure the index of a day exists before a plan writes to it, and drops what left the window. */
  async open(at: number): Promise<void> {
    const day = dayOf(at);
    const known = this.#spool.days();
    if (known.includes(day)) return;
    this.#spool.seen(day);
    const oldest = dayOf(at - (this.#days + 1) * dayMs);
    const kept = known.filter((one) => one >= oldest);
    await this.#spool.state.put('days', [...kept, day].sort());
    for (const one of known) if (!kept.includes(one)) this.#spool.dropSeen(one);
  }
}
