import type { Segment } from '../capture/segment.ts';
import { belongs, hashOf, type Connection } from './connection.ts';

/**
 * The connections being followed, found by address and port, kept in the order of their use. Bounded: one more than fits
 * pushes out the one unused longest.
 */
export class ConnectionTable {
  readonly #capacity: number;
  readonly #byHash = new Map<number, Connection>();
  #size = 0;
  #oldest: Connection | undefined;
  #newest: Connection | undefined;
  /** Packets mostly follow one of the same connection. */
  #last: Connection | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  get oldest(): Connection | undefined {
    return this.#oldest;
  }

  get full(): boolean {
    return this.#size >= this.#capacity;
  }

  find(segment: Segment): Connection | undefined {
    if (this.#last !== undefined && belongs(this.#last, segment)) return this.#last;
    let one = this.#byHash.get(hashOf(segment));
    while (one !== undefined && !belongs(one, segment)) one = one.sameHash;
    this.#last = one ?? this.#last;
    return one;
  }

  add(connection: Connection): void {
    connection.sameHash = this.#byHash.get(connection.hash);
    this.#byHash.set(connection.hash, connection);
    this.#size += 1;
    this.#append(connection);
  }

  /** Moves a connection to the end of the list: it is in use. */
  use(connection: Connection): void {
    if (connection === this.#newest) return;
    this.#unlink(connection);
    this.#append(connection);
  }

  remove(connection: Connection): void {
    this.#size -= 1;
    if (this.#last === connection) this.#last = undefined;
    this.#unlink(connection);
    const first = this.#byHash.get(connection.hash);
    if (first === connection) {
      if (connection.sameHash === undefined) this.#byHash.delete(connection.hash);
      else this.#byHash.set(connection.hash, connection.sameHash);
      return;
    }
    for (let one = first; one !== undefined; one = one.sameHash)
      if (one.sameHash === connection) one.sameHash = connection.sameHash;
  }

  *[Symbol.iterator](): Generator<Connection> {
    for (let one = this.#oldest; one !== undefined;) {
      const next = one.newer;
      yield one;
      one = next;
    }
  }

  #append(connection: Connection): void {
    connection.older = this.#newest;
    connection.newer = undefined;
    if (this.#newest === undefined) this.#oldest = connection;
    else this.#newest.newer = connection;
    this.#newest = connection;
  }

  #unlink(connection: Connection): void {
    if (connection.older === undefined) this.#oldest = connection.newer;
    else connection.older.newer = connection.newer;
    if (connection.newer === undefined) this.#newest = connection.older;
    else connection.newer.older = connection.older;
  }
}
