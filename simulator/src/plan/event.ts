import type { AuditMessage } from '@vigie/schemas/audit-message';

/** One thing that happens in the group, and the system that tells it. */
export type Happening =
  | { readonly at: number; readonly kind: 'audit'; readonly system: string; readonly message: AuditMessage }
  | { readonly at: number; readonly kind: 'hl7'; readonly text: string }
  | {
      readonly at: number;
      readonly kind: 'json';
      readonly feed: 'transfers' | 'volumes' | 'storage' | 'probes';
      readonly record: Readonly<Record<string, unknown>>;
    };
