import type { AuditEvent, Bundle } from 'fhir/r4';

/** A page of answers as a searchset (FHIR R4 bundle, elements in the order of the standard). */
export function searchset(told: {
  readonly base: string;
  readonly now: Date;
  readonly total: number | undefined;
  readonly self: string;
  readonly next: string | undefined;
  readonly events: readonly AuditEvent[];
}): Bundle<AuditEvent> {
  const { base, now, total, self, next, events } = told;
  return {
    resourceType: 'Bundle',
    meta: { lastUpdated: now.toISOString() },
    type: 'searchset',
    timestamp: now.toISOString(),
    ...(total !== undefined && { total }),
    link: [{ relation: 'self', url: self }, ...(next === undefined ? [] : [{ relation: 'next', url: next }])],
    ...(events.length > 0 && {
      entry: events.map((resource) => ({
        fullUrl: `${base}/AuditEvent/${resource.id ?? ''}`,
        resource,
        search: { mode: 'match' as const }
      }))
    })
  };
}
