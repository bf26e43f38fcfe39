/** What became of receptions. */
export interface Outcomes {
  readonly stored: number;
  readonly duplicate: number;
  readonly quarantined: number;
}
/** How well one source does, as its page shows it. */
export interface Health {
  readonly balance: readonly (Outcomes & {
    readonly lane: string;
    readonly received: number;
    readonly kept: Outcomes;
    readonly holds: boolean;
  })[];
  readonly times?:
    | {
        readonly stamped: number;
        readonly delay: readonly number[];
        readonly delay_max: number;
        readonly delay_classes: readonly number[];
        readonly skew: readonly (number | null)[];
        readonly skew_classes: readonly number[];
      }
    | undefined;
  readonly decoders: readonly { decoder: string; events: number; repaired: number }[];
  readonly repairs: readonly { repair: string; events: number }[];
  readonly reasons: readonly { reason: string; messages: number; last_at: Date }[];
  readonly traits: readonly { trait: string; value: string; messages: number }[];
  readonly sequences: readonly {
    sender: string;
    numbered: number;
    missing: number;
    restarts: number;
  }[];
  readonly hours: readonly { hour: Date; moved: number; audited: number; uncounted: number }[];
}
