import type { Database } from 'lmdb';
import type { SpoolEnvironment } from '../spool/environment.ts';

/**
 * An index kept for a number of periods of reception time and dropped period by period, whole: one LMDB database each.
 * Periods have names that sort by time. Only the seal worker uses it.
 */
export class RotatingIndex {
  readonly #spool: SpoolEnvironment;
  readonly #name: string;
  /** Names of the periods kept, oldest first. */
  #periods: readonly string[];
  readonly #keep: number;

  /** @param keep periods kept, the newest one included */
  constructor(spool: SpoolEnvironment, name: string, keep: number) {
    this.#spool = spool;
    this.#name = name;
    this.#keep = keep;
    this.#periods = (spool.state.get(`periods:${name}`) as string[] | undefined) ?? [];
  }

  /** Value of a key in one period; undefined also when the period is not kept. */
  get(period: string, key: Buffer): Buffer | undefined {
    return this.#periods.includes(period) ? this.database(period).get(key) : undefined;
  }

  database(period: string): Database<Buffer, Buffer> {
    return this.#spool.index(`${this.#name}-${period}`);
  }

  /** Periods kept, oldest first. */
  get periods(): readonly string[] {
    return this.#periods;
  }

  /** Makes a period known before a plan writes to it, and drops those that have become too old. */
  async open(period: string): Promise<void> {
    if (this.#periods.includes(period)) return;
    this.database(period);
    const all = [...this.#periods, period].toSorted();
    this.#periods = all.slice(-this.#keep);
    await this.#spool.state.put(`periods:${this.#name}`, this.#periods);
    for (const old of all.slice(0, -this.#keep)) this.#spool.dropIndex(`${this.#name}-${old}`);
  }
}

const dayMs = 86_400_000;
let last = { day: Number.NaN, text: '' };

/** Day of a reception, UTC, as yyyymmdd. The last one asked for is remembered: nearly all of a block share it. */
export function dayOf(at: number): string {
  const day = Math.floor(at / dayMs);
  if (day !== last.day) last = { day, text: new Date(at).toISOString().slice(0, 10).replaceAll('-', '') };
  return last.text;
}

/** Month of a reception, UTC, as yyyymm. */
export const monthOf = (at: number): string => dayOf(at).slice(0, 6);
