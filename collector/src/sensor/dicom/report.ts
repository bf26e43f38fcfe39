import type { Service } from './vocabulary.ts';

/** How an association, or the slice of it that is told, ended. */
export type Ending =
  | { readonly kind: 'released' }
  | { readonly kind: 'rejected'; readonly result: number; readonly source: number; readonly reason: number }
  | {
      readonly kind: 'aborted';
      readonly by: 'calling' | 'called';
      readonly source: number;
      readonly reason: number;
    }
  /** The connection went without release. */
  | { readonly kind: 'cut' }
  /** Nothing more came for a long time. */
  | { readonly kind: 'idle' }
  /** It goes on: a slice of a long one, or the capture ended. */
  | { readonly kind: 'open' }
  /** A hole of the capture hides it. */
  | { readonly kind: 'hidden' };

/** One service of one association. Counts are of what was seen; a hole makes some of them unknown, see `hole` of the report. */
export interface ServiceReport {
  readonly service: Service;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly requests: number;
  readonly succeeded: number;
  readonly warned: number;
  readonly failed: number;
  readonly pending: number;
  /** Requests of which no final response was seen. */
  readonly unanswered: number;
  /** Bytes of objects (C-STORE, and of C-GET what came back). */
  readonly objectBytes: number;
  /** Objects that came back by C-GET: succeeded or warned, and failed. */
  readonly returned: number;
  readonly returnedFailed: number;
  /** Sub-operations of C-MOVE and C-GET as their last response tells. */
  readonly subCompleted: number;
  readonly subFailed: number;
  /** Milliseconds from a request to its final response, summed. */
  readonly responseMs: number;
  /** SOP class → requests. */
  readonly sopClasses: ReadonlyMap<string, number>;
  /** Status → responses. */
  readonly statuses: ReadonlyMap<number, number>;
}

/** One association, or one slice of a long one. No patient, no instance: titles, addresses, services, counts. */
export interface AssociationReport {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly calling: string;
  readonly called: string;
  readonly implementations: { readonly calling: string; readonly called: string };
  readonly proposed: readonly string[];
  /** Presentation contexts accepted; absent when the association was not. */
  readonly contextsAccepted?: number;
  readonly ending: Ending;
  /** Counted from 0; the last one has the ending. */
  readonly slice: number;
  readonly services: readonly ServiceReport[];
  /** The service of the last command, to which the ending belongs. */
  readonly lastService: Service | undefined;
  /** Whether the capture has holes that hid something of what the calling and the called side sent. */
  readonly hole: { readonly calling: boolean; readonly called: boolean };
}
