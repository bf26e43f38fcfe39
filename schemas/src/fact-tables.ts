import type { TableName } from './tables.ts';

/** Tables of facts decoded from messages, in the order of their inserts. */
export const factTables = [
  'audit.event',
  'ops.transfer',
  'ops.exam_event',
  'ops.storage_sample',
  'ops.study_volume',
  'ops.probe_result',
  'ops.visit_event',
  'ops.usage',
  'ops.gauge',
  'ops.census',
  'ops.census_study',
  'ops.signal'
] as const satisfies readonly TableName[];
export type FactTable = (typeof factTables)[number];

const names: ReadonlySet<string> = new Set(factTables);

export const isFactTable = (table: TableName): table is FactTable => names.has(table);
