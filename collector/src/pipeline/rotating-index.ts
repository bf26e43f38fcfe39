import type { Database } from 'lmdb';
import type { SpoolEnvironment } from '../spool/environment.ts';

/**
 * An index kept for a number of periods of reception time and dropped period by period, whole: one LMDB database each.
 * Periods have names that sort by time. Only the seal worker uses it.
 */
export class RotatingIndex {
  readonly #spool: SpoolEnvironment;
  readonly #name: string;
  readonly #periods: Set<string>;
  readonly #keep: number;

  /** @param keep periods kept, the newest one included */
  constructor(spool: SpoolEnvironment, name: string, keep: number) {
    this.#spool = spool;
    this.#name = name;
    this.#keep = keep;
    this.#periods = new Set((spool.state.get(`periods:${name}`) as string[] | undefined) ?? []);
  }

  /** Value of a key in one period; undefined also when the period is not kept. */
  get(period: string, key: Buffer): Buffer | undefined {
    return this.#periods.has(period) ? this.database(period).get(key) : undefined;
  }

  database(period: string): Database<Buffer, Buffer> {
    return this.#spool.index(`${this.#name}-${period}`);
  }

  /** Periods kept, oldest first. */
  get periods(): string[] {
    return [...this.#periods].sort();
  }

  /** Makes a period known before a plan writes to it, and drops those that have become too old. */
  async open(period: string): Promise<void> {
    if (this.#periods.has(period)) return;
    this.database(period);
    this.#periods.add(period);
    const dropped = this.periods.slice(0, -this.#keep);
    for (const old of dropped) this.#periods.delete(old);
    await this.#spool.state.put(`periods:${this.#name}`, this.periods);
    for (const old of dropped) this.#spool.dropIndex(`${this.#name}-${old}`);
  }
}

const digits = (at: number, length: number) =>
  new Date(at).toISOString().replaceAll('-', '').slice(0, length);

/** Day of a reception, UTC, as yyyymmdd. */
export const dayOf = (at: number): string => digits(at, 8);
/** Month of a reception, UTC, as yyyymm. */
export const monthOf = (at: number): string => digits(at, 6);
