import type { TableName } from '@vigie/schemas/tables';
import type { FactTable } from '../verdict.ts';

/** Tables of facts decoded from messages, in the order of their inserts. */
export const factTables = [
  'audit.event',
  'ops.transfer',
  'ops.exam_event',
  'ops.storage_sample',
  'ops.study_volume',
  'ops.probe_result',
  'ops.signal'
] as const satisfies readonly FactTable[];

const names: ReadonlySet<string> = new Set(factTables);

export const isFactTable = (table: TableName): table is FactTable => names.has(table);
