import type { Piece } from './pieces.ts';

/** What became of a piece that reached the target: how many of its messages it refused for good, and their ids by reason. */
export interface Sent {
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
}

/** One other repository. */
export interface Target {
  /** Sends a piece. Resolves once the target has it. @throws {ForwardError} to be tried again, whole */
  send(piece: Piece): Promise<Sent>;
  close(): void;
}

/** Why a target took nothing: a short code for metrics and log, and what to do. */
export class ForwardError extends Error {
  readonly code: string;
  /** Seconds the target asked to wait. */
  readonly retryAfter: number | undefined;
  constructor(code: string, mend: string, retryAfter?: number) {
    super(mend);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
