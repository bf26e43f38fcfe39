import type { AuditMessage } from '@vigie/schemas/audit-message';
import type { Speaker } from '../group/platform.ts';

/** Inputs that take JSON. */
export type JsonFeed = 'transfers' | 'volumes' | 'storage' | 'probes' | 'exams' | 'mpps' | 'usage';

/** One thing that happens in the group, as the system that saw it tells it. */
export type Happening =
  | { readonly at: number; readonly kind: 'audit'; readonly by: Speaker; readonly message: AuditMessage }
  | { readonly at: number; readonly kind: 'hl7'; readonly text: string }
  /** One data point of a histogram in OTLP/JSON: how long an algorithm took for one study. */
  | { readonly at: number; readonly kind: 'otlp'; readonly point: Readonly<Record<string, unknown>> }
  /** A line of a web server's access log, as a syslog message. */
  | { readonly at: number; readonly kind: 'web'; readonly text: string }
  | {
      readonly at: number;
      readonly kind: 'json';
      readonly feed: JsonFeed;
      readonly record: Readonly<Record<string, unknown>>;
    };

/** Something that will happen, made in full only when it is sent: a day's plan stays small. Making it again gives the same. */
export interface Planned {
  readonly at: number;
  readonly make: () => Happening;
}

/** Takes what is to happen at a moment; `sensed` are the bytes that the network sensor saw of it. */
export type Tell = (at: number, make: () => Happening, sensed?: number) => void;
