import type { ExportRow } from '../../query/export-rows.ts';

/** Columns of a table of accesses, in order. Values are those of the store: ISO 8601 times (UTC), codes, pseudonyms, ids. */
export const exportColumns: readonly { readonly name: string; readonly value: (row: ExportRow) => string | number | Date | null }[] = [
  { name: 'id', value: (row) => `${row.collector}-${row.lane}-${row.seq}-${row.sub}` },
  { name: 'occurred_at', value: (row) => row.occurred_at },
  { name: 'received_at', value: (row) => row.received_at },
  { name: 'establishment', value: (row) => row.establishment },
  { name: 'site', value: (row) => row.site },
  { name: 'source', value: (row) => row.source },
  { name: 'event_code', value: (row) => row.event_code },
  { name: 'event_types', value: (row) => row.event_types.join(' ') },
  { name: 'action', value: (row) => row.action },
  { name: 'outcome', value: (row) => row.outcome },
  { name: 'actor_kind', value: (row) => row.actor_kind },
  { name: 'actor', value: (row) => row.actor_id },
  { name: 'roles', value: (row) => row.actor_roles.join(' ') },
  { name: 'access_point', value: (row) => row.access_point },
  { name: 'patients', value: (row) => row.patients.join(' ') },
  { name: 'studies', value: (row) => row.studies.join(' ') },
  { name: 'accessions', value: (row) => row.accessions.join(' ') },
  { name: 'modalities', value: (row) => row.modalities.join(' ') },
  { name: 'instances', value: (row) => row.instances },
  { name: 'purpose', value: (row) => row.purpose },
  { name: 'emergency', value: (row) => row.emergency },
  { name: 'transport', value: (row) => row.transport },
  { name: 'block', value: (row) => row.block }
]; // prettier-ignore
