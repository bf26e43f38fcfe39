import type { Config } from '@vigie/schemas';
import type { Directory } from '../normalise/directory.ts';
import type { Spool } from '../spool/spool.ts';
import type { RefusalCode } from './http-errors.ts';
import type { SourceLimits } from './source-limits.ts';

/** What one request came to: for the metrics and the one log line it gets. No data of the sender. */
export interface HttpOutcome {
  /** Key id; '' when the sender has none. */
  readonly key: string;
  readonly feed: string;
  readonly peer: string;
  readonly status: number;
  /** Refusal code; '' when records were taken. */
  readonly code: RefusalCode | '';
  readonly accepted: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly ms: number;
}

/** What the HTTP inputs work with. */
export interface HttpDependencies {
  readonly config: Config;
  /** Key id → SHA-256 of its text, in hexadecimal. */
  readonly digests: ReadonlyMap<string, string>;
  readonly directory: Directory;
  readonly spool: Pick<Spool, 'append' | 'pressure'>;
  readonly limits: SourceLimits;
  /** Id of this collector, the first part of a record's id. */
  readonly collector: string;
  readonly observe: {
    request(outcome: HttpOutcome): void;
    /** A failure nobody foresaw. */
    failed(error: Error): void;
  };
  readonly now?: () => number;
  /** Requests a second and key; bursts of twice as many. */
  readonly requestsPerSecond?: number;
}
