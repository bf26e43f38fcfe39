import type { ApiKey, Config, Feed } from '@vigie/schemas';
import type { Spool } from '../spool/spool.ts';
import { BodyReader } from './http-body.ts';
import { RefusedError } from './http-errors.ts';
import { KeyRing, RateLimit } from './http-keys.ts';
import type { SourceLimit, SourceLimits } from './source-limits.ts';

/** Wrong keys an address may present a second, so that guessing is slow. */
const failuresPerSecond = 5;

/** What stands before every HTTP input: keys, rates and sizes, room in the spool, and memory for bodies, shared by all of them. */
export class Gate {
  readonly bodies: BodyReader;
  readonly #keys: KeyRing;
  readonly #perKey: RateLimit;
  readonly #perStranger = new RateLimit(failuresPerSecond, 4 * failuresPerSecond);
  readonly #spool: Pick<Spool, 'pressure'>;
  readonly #limits: SourceLimits;

  /** @throws {Error} when an API key of the configuration cannot be used */
  constructor(parts: {
    readonly config: Config;
    readonly digests: ReadonlyMap<string, string>;
    readonly spool: Pick<Spool, 'pressure'>;
    readonly limits: SourceLimits;
    readonly requestsPerSecond?: number;
  }) {
    const { config, digests, spool, limits, requestsPerSecond = 500 } = parts;
    this.#keys = new KeyRing(config.api_keys, digests);
    this.#perKey = new RateLimit(requestsPerSecond, 2 * requestsPerSecond);
    this.bodies = new BodyReader(config.receivers.max_message_bytes);
    this.#spool = spool;
    this.#limits = limits;
  }

  /** @throws {RefusedError} unauthorised, too-many-requests */
  key(authorization: string | undefined, peer: string, now: number): ApiKey {
    const key = this.#keys.find(authorization);
    if (key !== undefined) return key;
    throw new RefusedError(this.#perStranger.take(peer, now) ? 'unauthorised' : 'too-many-requests');
  }

  /** @returns what this sender may send. @throws {RefusedError} feed-not-allowed, too-many-requests, spool-full */
  admit(key: ApiKey, feed: Feed, peer: string, now: number): SourceLimit {
    if (!key.feeds.includes(feed)) throw new RefusedError('feed-not-allowed');
    if (!this.#perKey.take(key.id, now)) throw new RefusedError('too-many-requests');
    const limit = this.#limits.of(key.system ?? key.id, peer);
    const waitMs = limit.waitMs(now);
    if (waitMs > 0) throw new RefusedError('too-many-requests', Math.ceil(waitMs / 1000));
    if (this.#spool.pressure) throw new RefusedError('spool-full');
    return limit;
  }
}
