import type { TableName } from '@vigie/schemas/tables';

/** Tables whose rows a header commits to. `audit.block` holds the headers themselves. */
export type EvidenceTable = Exclude<TableName, 'audit.block'>;

/**
 * The order of a block's rows under their root, as ClickHouse expressions over the columns alone, so that whoever verifies can
 * redo it. They are integers and texts, compared byte by byte.
 */
export const rowOrders: Readonly<Record<EvidenceTable, string>> = {
  'audit.event': 'seq, sub',
  'audit.reception': 'seq',
  'audit.quarantine': 'seq, sub',
  'ops.transfer': 'seq, sub',
  'ops.exam_event': 'seq, sub',
  'ops.storage_sample': 'seq, sub',
  'ops.study_volume': 'seq, sub',
  'ops.probe_result': 'seq, sub',
  'ops.visit_event': 'seq, sub',
  'ops.usage': 'seq, sub',
  'ops.gauge': 'seq, sub',
  'ops.census': 'seq, sub',
  'ops.census_study': 'seq, sub',
  'ops.feed_minute': 'minute, source, site, establishment, transport',
  'ops.feed_trait': 'trait, value, source, site, establishment, run',
  'ops.signal': 'seq, sub',
  // The index of the identity in its block: bytes 1 to 4 of `sealed` (schemas/src/vault-format.ts).
  'vault.identity': 'seq, reinterpretAsUInt32(reverse(substring(sealed, 2, 4)))',
  'vault.raw_block': 'block'
};

export const evidenceTables = Object.keys(rowOrders) as readonly EvidenceTable[];
