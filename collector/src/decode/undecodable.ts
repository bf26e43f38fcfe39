import type { QuarantineReason } from '../verdict.ts';

/**
 * Thrown by decoders and normalisers for a message they cannot make facts of: it goes to quarantine.
 * The message names the field and the mend, never the sender's data.
 */
export class Undecodable extends Error {
  readonly code = 'undecodable';
  readonly reason: QuarantineReason;
  constructor(reason: QuarantineReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}
