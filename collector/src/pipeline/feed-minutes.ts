import type { Reception } from '../reception.ts';
import type { Origin } from '../verdict.ts';
import type { SourceCounts } from './plan.ts';

interface Minute extends Origin {
  minute: number;
  transport: string;
  received: number;
  stored: number;
  duplicate: number;
  quarantined: number;
  repaired: number;
  bytes: number;
  last_at: number;
  delay_ms_sum: number;
  delay_ms_max: number;
  delayed: number;
}

const key = (row: Minute) => [row.source, row.site, row.establishment, row.transport].join('\0');

const isOf = (row: Minute, minute: number, origin: Origin, transport: string): boolean =>
  row.minute === minute &&
  row.source === origin.source &&
  row.site === origin.site &&
  row.establishment === origin.establishment &&
  row.transport === transport;

export type Outcome = 'stored' | 'duplicate' | 'quarantined';

/** Counts what became of receptions, per source and minute of reception: every reception has exactly one outcome. */
export class FeedMinutes {
  readonly #minutes = new Map<string, Minute>();
  /** The one counted in last: neighbours often share it. */
  #last: Minute | undefined;

  /** @param detail.occurredAt when the act happened; its delay is counted, negative for a sender whose clock is ahead @returns the outcome */
  count(
    origin: Origin,
    reception: Reception,
    outcome: Outcome,
    detail: { readonly repaired?: boolean; readonly occurredAt?: number | undefined } = {}
  ): Outcome {
    const minute = Math.floor(reception.receivedAt / 60_000) * 60_000;
    let row = this.#last;
    if (row === undefined || !isOf(row, minute, origin, reception.transport)) {
      const key = `${minute}|${origin.source}|${origin.site}|${origin.establishment}|${reception.transport}`;
      row = this.#minutes.get(key);
      if (!row) {
        const zero = { received: 0, stored: 0, duplicate: 0, quarantined: 0, repaired: 0, bytes: 0 };
        row = {
          ...origin,
          minute,
          transport: reception.transport,
          ...zero,
          last_at: 0,
          delay_ms_sum: 0,
          delay_ms_max: 0,
          delayed: 0
        };
        this.#minutes.set(key, row);
      }
      this.#last = row;
    }
    row.received++;
    row[outcome]++;
    row.bytes += reception.oversize?.bytes ?? reception.raw.length;
    row.last_at = Math.max(row.last_at, reception.receivedAt);
    if (detail.repaired) row.repaired++;
    if (detail.occurredAt === undefined) return outcome;
    const delay = Math.round(reception.receivedAt - detail.occurredAt);
    row.delay_ms_sum += delay;
    row.delay_ms_max = row.delayed === 0 ? delay : Math.max(row.delay_ms_max, delay);
    row.delayed++;
    return outcome;
  }

  /** In an order that a verifier can redo from the columns: minute, source, site, establishment, transport. */
  rows<B extends { readonly lane: string }>(base: B) {
    return [...this.#minutes.values()]
      .toSorted((a, b) => a.minute - b.minute || (key(a) < key(b) ? -1 : 1))
      .map((minute) => ({ ...base, ...minute, retention: base.lane }));
  }

  bySource(): Record<string, SourceCounts> {
    const counts: Record<string, SourceCounts> = {};
    for (const { source, received, stored, duplicate, quarantined, bytes } of this.#minutes.values()) {
      const one = (counts[source] ??= { received: 0, stored: 0, duplicate: 0, quarantined: 0, bytes: 0 });
      one.received += received;
      one.stored += stored;
      one.duplicate += duplicate;
      one.quarantined += quarantined;
      one.bytes += bytes;
    }
    return counts;
  }
}
