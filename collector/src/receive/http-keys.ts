import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '@vigie/schemas';

/** The keys that may write, by the SHA-256 of their text. */
export class KeyRing {
  readonly #entries: readonly { readonly key: ApiKey; readonly digest: Buffer }[];

  /**
   * @param digests key id → SHA-256 in hexadecimal
   * @throws {Error} when a key has no digest, or speaks for no system
   */
  constructor(keys: readonly ApiKey[], digests: ReadonlyMap<string, string>) {
    this.#entries = keys.map((key) => {
      const digest = digests.get(key.id);
      if (digest === undefined) throw new Error(`api_keys: "${key.id}" has no key`);
      if (key.system === undefined && !key.any_system)
        throw new Error(
          `api_keys: "${key.id}" speaks for no system: give it "system", or "any_system: true"`
        );
      return { key, digest: Buffer.from(digest, 'hex') };
    });
  }

  /** The key of an Authorization header. Every entry is compared, in constant time. */
  find(authorization: string | undefined): ApiKey | undefined {
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1];
    const presented = createHash('sha256')
      .update(token ?? '')
      .digest();
    let found: ApiKey | undefined;
    for (const { key, digest } of this.#entries)
      if (timingSafeEqual(presented, digest) && token !== undefined) found = key;
    return found;
  }
}

/** Token buckets by name. Bounded: beyond its capacity the longest unused name is forgotten. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #capacity: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number, burst: number, capacity = 10_000) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#capacity = capacity;
  }

  /** Takes one token. @returns false when none is left */
  take(name: string, now: number): boolean {
    const before = this.#buckets.get(name) ?? { tokens: this.#burst, at: now };
    const refill = (Math.max(0, now - before.at) / 1000) * this.#perSecond;
    const tokens = Math.min(this.#burst, before.tokens + refill);
    this.#buckets.delete(name);
    if (this.#buckets.size >= this.#capacity) {
      const oldest = this.#buckets.keys().next().value;
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }
}
