import type { SensorCounts } from '../counts.ts';
import type { CommandSet } from './command-set.ts';
import type { ServiceReport } from './report.ts';
import { verdictOf, type Service } from './vocabulary.ts';

const mostKinds = 64;

/** Running counts of one service in one association or slice. */
export class Tally {
  readonly service: Service;
  readonly #counts: SensorCounts;
  readonly #sopClasses = new Map<string, number>();
  readonly #statuses = new Map<number, number>();
  #firstAt: number;
  #lastAt: number;
  #requests = 0;
  #succeeded = 0;
  #warned = 0;
  #failed = 0;
  #pending = 0;
  #returned = 0;
  #returnedFailed = 0;
  #subCompleted = 0;
  #subFailed = 0;
  #responseMs = 0;
  objectBytes = 0;

  constructor(service: Service, at: number, counts: SensorCounts) {
    this.service = service;
    this.#counts = counts;
    this.#firstAt = at;
    this.#lastAt = at;
  }

  seen(at: number): void {
    if (at < this.#firstAt) this.#firstAt = at;
    if (at > this.#lastAt) this.#lastAt = at;
  }

  request(sopClass: string, at: number): void {
    this.seen(at);
    this.#requests += 1;
    if (sopClass !== '') this.#add(this.#sopClasses, sopClass);
  }

  /** An object that comes back as a sub-operation of C-GET. */
  subOperation(sopClass: string, at: number): void {
    this.seen(at);
    if (sopClass !== '') this.#add(this.#sopClasses, sopClass);
  }

  subOperationEnded(status: number, at: number): void {
    this.seen(at);
    if (verdictOf(status) === 'failure') this.#returnedFailed += 1;
    else this.#returned += 1;
  }

  /** @param tookMs since its request; undefined when that was not seen. @returns whether it was the final one */
  response(
    { status = 0xffff, completed, failed }: CommandSet,
    tookMs: number | undefined,
    at: number
  ): boolean {
    this.seen(at);
    this.#add(this.#statuses, status);
    const verdict = verdictOf(status);
    if (completed !== undefined && verdict !== 'pending') this.#subCompleted += completed;
    if (failed !== undefined && verdict !== 'pending') this.#subFailed += failed;
    if (verdict === 'pending') {
      this.#pending += 1;
      return false;
    }
    if (verdict === 'success') this.#succeeded += 1;
    else if (verdict === 'warning') this.#warned += 1;
    else this.#failed += 1;
    this.#responseMs += tookMs ?? 0;
    return true;
  }

  report(unanswered: number): ServiceReport {
    return {
      service: this.service,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      requests: this.#requests,
      succeeded: this.#succeeded,
      warned: this.#warned,
      failed: this.#failed,
      pending: this.#pending,
      unanswered,
      objectBytes: this.objectBytes,
      returned: this.#returned,
      returnedFailed: this.#returnedFailed,
      subCompleted: this.#subCompleted,
      subFailed: this.#subFailed,
      responseMs: this.#responseMs,
      sopClasses: this.#sopClasses,
      statuses: this.#statuses
    };
  }

  #add<K>(map: Map<K, number>, key: K): void {
    const before = map.get(key);
    if (before === undefined && map.size >= mostKinds) this.#counts.table_overflows += 1;
    else map.set(key, (before ?? 0) + 1);
  }
}
