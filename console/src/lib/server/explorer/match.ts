import type { AccessFilter, AccessRow } from '../query/access.ts';

/** A filter's facets with nothing chosen. */
export const anyFacet = { event: [], site: [], source: [], action: [], role: [], modality: [], outcome: [], emergency: [] }; // prettier-ignore

const among = <T>(list: readonly T[], value: T) => list.length === 0 || list.includes(value);

/** Whether a row is one of the filter's, as the store would say. Pure. */
export function matches(row: AccessRow, filter: Omit<AccessFilter, 'from' | 'to'>, { from, to }: { readonly from: Date; readonly to: Date }): boolean {
  return (
    row.occurred_at >= from &&
    row.occurred_at < to &&
    among(filter.codes, row.event_code) &&
    among(filter.event, row.event_code) &&
    among(filter.site, row.site) &&
    among(filter.source, row.source) &&
    among(filter.action, row.action) &&
    among(filter.outcome, row.outcome) &&
    among(filter.role, row.actor_role) &&
    among(filter.modality, row.modalities[0] ?? '') &&
    among(filter.emergency, row.emergency) &&
    (filter.patients.length === 0 || row.patients.some((one) => filter.patients.includes(one))) &&
    among(filter.actors, row.actor_id) &&
    (filter.study === '' || row.studies.includes(filter.study) || row.accessions.includes(filter.study))
  );
} // prettier-ignore

type Placed = Pick<AccessRow, 'occurred_at' | 'collector' | 'seq' | 'sub'>;

/** Order of lists: newest first, then by where they were received, as the store sorts. Pure. */
export function newestFirst(a: Placed, b: Placed): number {
  return (
    b.occurred_at.getTime() - a.occurred_at.getTime() ||
    (a.collector === b.collector ? 0 : a.collector < b.collector ? 1 : -1) ||
    b.seq - a.seq ||
    b.sub - a.sub
  );
}
