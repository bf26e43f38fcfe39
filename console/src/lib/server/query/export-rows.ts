import { z } from 'zod';
import { ofKeys, type AccessPage, type Bounded, type KeyParams } from './access.ts';
import { filtered, narrowing } from './access-sql.ts';
import { AuditEventRow, auditEventColumns } from './audit-events.ts';
import { define, defineShaped, type Bounds } from './define.ts';

/** One event in full, as an export tells it. */
export const ExportRow = AuditEventRow.extend({
  establishment: z.string(),
  actor_kind: z.string(),
  access_point: z.string(),
  transport: z.string(),
  emergency: z.number()
});
export type ExportRow = z.infer<typeof ExportRow>;

const columns = `${auditEventColumns}, establishment, actor_kind, access_point, transport, emergency`;
const order = 'ORDER BY occurred_at DESC, collector DESC, seq DESC, sub DESC';
const receivedBy = 'received_at < {receivedBefore:DateTime64(3)}';

/** Rows of an export, newest first, of what was received before it was asked for. */
export type ExportPage = Omit<AccessPage, keyof Bounded> & { readonly receivedBefore: Date };

export const exportPage = defineShaped<(typeof narrowing)[number], ExportPage, ExportRow>({
  name: 'export.page',
  optional: narrowing,
  sql: (given) => `SELECT ${columns} FROM ${filtered(given, 'facts')} AND e.${receivedBy}
    AND (occurred_at, collector, seq, sub) < ({beforeAt:DateTime64(3)}, {beforeCollector:String}, {beforeSeq:UInt64}, {beforeSub:UInt16})
    ${order} LIMIT {limit:UInt32}`,
  row: ExportRow
});

/** Rows in full by their keys; others of the same seq may come. */
export const exportRowsOfKeys = define<
  KeyParams & { scope: readonly string[]; lane: string; receivedBefore: Date },
  ExportRow
>({
  name: 'export.rows',
  sql: `SELECT ${columns} FROM audit.event AS e WHERE ${ofKeys} AND e.${receivedBy} ${order}`,
  row: ExportRow
});

/** Headers of blocks, by which a manifest says what it rests on. */
export const headersOfBlocks = define<
  Bounds & { collector: string; lane: string; blocks: readonly number[] },
  { block: number; hash: string; key_id: string }
>({
  name: 'export.headers',
  sql: `SELECT block, lower(hex(hash)) AS hash, key_id FROM audit.block WHERE collector = {collector:String} AND lane = {lane:String}
    AND block IN {blocks:Array(UInt64)} AND kind = 'block' AND notEmpty({scope:Array(String)})
    AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)} ORDER BY block`,
  row: z.object({ block: z.number(), hash: z.string(), key_id: z.string() })
});
