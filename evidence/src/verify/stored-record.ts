import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { Act } from '../act.ts';
import { genesis, Header } from '../header.ts';
import { recordHash } from '../signature.ts';
import type { Finding } from './finding.ts';

/** A row of `audit.block` as it is stored; digests in lower-case hexadecimal, bytes in base64. */
const StoredRow = z.object({
  collector: z.string(),
  lane: z.string(),
  block: z.number(),
  last_seq: z.number(),
  kind: z.string(),
  sealed_at: z.number(),
  previous: z.string(),
  hash: z.string(),
  leaf_root: z.string(),
  raw_hash: z.string(),
  header: z.base64(),
  signature: z.base64(),
  key_id: z.string(),
  retention: z.string(),
  sums: z.base64()
});
type StoredRow = z.infer<typeof StoredRow>;

/** A signed record as read back: what its text says counts; the columns beside it are only compared with it. */
export interface StoredRecord<T> {
  readonly content: T;
  readonly text: Buffer;
  readonly hash: string;
  readonly signature: Buffer;
  readonly sums: Buffer;
}

/** What the signed text says of its place, as ClickHouse expressions: columns can be altered without the signature telling. */
export const told = {
  collector: "JSONExtractString(header, 'collector')",
  lane: "JSONExtractString(header, 'lane')",
  first: "toUInt64(JSONExtractUInt(header, 'first'))",
  sealedAt: "toUInt64(JSONExtractUInt(header, 'sealed_at'))",
  number: "toUInt64(JSONExtractUInt(header, 'number'))",
  isAct: "JSONHas(header, 'kind')",
  isHeader: "JSONHas(header, 'leaf_root')"
} as const;

const columns = `collector, lane, block, last_seq, kind, toUnixTimestamp64Milli(sealed_at) AS sealed_at, lower(hex(previous)) AS previous,
  lower(hex(hash)) AS hash, lower(hex(leaf_root)) AS leaf_root, lower(hex(raw_hash)) AS raw_hash, base64Encode(header) AS header,
  base64Encode(signature) AS signature, key_id, retention, base64Encode(sums) AS sums`;

/** Rows of `audit.block` of a condition, in an order; both over `told`. Streamed. */
export async function* storedRows(
  client: ClickHouseClient,
  where: { readonly condition: string; readonly order: string; readonly params: Record<string, unknown> },
  signal: AbortSignal
): AsyncGenerator<StoredRow> {
  const result = await client.query({
    query: `SELECT ${columns} FROM (SELECT * FROM audit.block WHERE ${where.condition} ORDER BY ${where.order})`,
    query_params: where.params,
    format: 'JSONEachRow',
    abort_signal: signal,
    clickhouse_settings: { log_comment: 'evidence.headers', max_result_rows: '0', max_execution_time: 60 }
  });
  for await (const rows of result.stream()) for (const row of rows) yield StoredRow.parse(row.json());
}

/** Reads a row as a header, and says which of its columns are not what the header says. */
export function asHeader(row: StoredRow): {
  readonly record: StoredRecord<Header> | undefined;
  readonly findings: Finding[];
} {
  const read = parseText(row, Header);
  if (!read) return { record: undefined, findings: [unreadable(row)] };
  const { content } = read;
  return {
    record: read,
    findings: differences(row, {
      collector: content.collector,
      lane: content.lane,
      block: content.first,
      last_seq: content.last,
      kind: 'block',
      sealed_at: content.sealed_at,
      previous: content.previous,
      hash: read.hash,
      leaf_root: content.leaf_root,
      raw_hash: content.raw_hash,
      key_id: content.key_id,
      retention: 'evidence',
      ...(content.sums !== undefined && { sums: content.sums })
    })
  };
}

/** Reads a row as an act, and says which of its columns are not what the act says. */
export function asAct(row: StoredRow): {
  readonly record: StoredRecord<Act> | undefined;
  readonly findings: Finding[];
} {
  const read = parseText(row, Act);
  if (!read) return { record: undefined, findings: [unreadable(row)] };
  const { content } = read;
  return {
    record: read,
    findings: differences(row, {
      collector: content.collector,
      lane: content.lane,
      block: content.block,
      last_seq: content.to,
      kind: content.kind,
      sealed_at: content.at,
      previous: content.previous,
      hash: read.hash,
      leaf_root: genesis,
      raw_hash: content.raw_hash ?? genesis,
      key_id: content.key_id,
      retention: 'evidence',
      sums: emptyHash
    })
  };
}

const emptyHash = recordHash(Buffer.alloc(0)).toString('hex');

function parseText<T>(row: StoredRow, schema: z.ZodType<T>): StoredRecord<T> | undefined {
  const text = Buffer.from(row.header, 'base64');
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return undefined;
  return {
    content: parsed.data,
    text,
    hash: recordHash(text).toString('hex'),
    signature: Buffer.from(row.signature, 'base64'),
    sums: Buffer.from(row.sums, 'base64')
  };
}

const at = ({ collector, lane, block }: StoredRow) => ({ collector, lane, block });

/** A row of audit.block that holds nothing that can be read, named by its columns. */
export const unreadable = (row: StoredRow): Finding => ({
  code: 'header-unreadable',
  table: 'audit.block',
  ...at(row)
});

function differences(row: StoredRow, said: Readonly<Record<string, string | number>>): Finding[] {
  const found: Finding[] = [];
  const stored = { ...row, sums: recordHash(Buffer.from(row.sums, 'base64')).toString('hex') };
  for (const [column, value] of Object.entries(said))
    if (stored[column as keyof StoredRow] !== value)
      found.push({
        code: 'header-altered',
        collector: String(said['collector']),
        lane: String(said['lane']),
        block: Number(said['block']),
        table: 'audit.block',
        column
      });
  return found;
}
