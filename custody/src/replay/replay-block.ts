import type { EvidenceTable } from '@vigie/evidence/row-order';
import { factTables } from '@vigie/schemas/fact-tables';
import type { RawRecord } from '@vigie/schemas/vault-format';
import type { ClickHouseClient } from '@vigie/store';
import { concerns, type Expectation } from '@vigie/evidence/expectation';
import { actsAbout, expectedNow, sealedBlock, type SealedBlock } from '../chain/blocks.ts';
import { openBlock } from '../chain/raw.ts';
import { storedRows } from '../chain/rows.ts';
import { isWhole } from '../chain/whole.ts';
import { blockRow, inRootOrder, rootOf, textOf, type BlockRow } from './block-rows.ts';
import { difference, type Difference } from './difference.ts';
import { unknownPeople } from './people.ts';
import type { BlockName, ReplaySelection } from './selection.ts';

/** Tables of facts, and those that say what became of a reception. `ops.feed_minute` counts, `vault.identity` only grows. */
export const replayedTables = [
  ...factTables,
  'audit.reception',
  'audit.quarantine'
] as const satisfies readonly EvidenceTable[];

/** Rows that today's decoders made of a block, by table. */
export interface Redecoded {
  readonly table: EvidenceTable;
  readonly body: Uint8Array;
  readonly offsets: readonly number[];
}

/** Kept receptions count in the block's minutes as they did. */
export interface Kept {
  readonly reception: RawRecord;
  readonly origin: { readonly source: string; readonly site: string; readonly establishment: string };
  readonly outcome: 'stored' | 'duplicate' | 'quarantined';
  readonly repaired: boolean;
  readonly occurredAt: number | undefined;
}

/** Decodes receptions of one block with today's decoders. */
export type Redecode = (order: {
  readonly name: BlockName;
  readonly records: readonly {
    readonly seq: number;
    readonly reception: RawRecord;
    readonly fresh: boolean;
  }[];
  readonly kept: readonly Kept[];
}) => Promise<readonly Redecoded[]>;

/** What a replay makes of one block. */
export interface BlockReplay {
  readonly name: BlockName;
  readonly sealed: SealedBlock;
  readonly expected: Expectation;
  /** Tables of which the rows change. */
  readonly changes: ReadonlyMap<EvidenceTable, Difference>;
  /** Tables as they are compared, changed or not. */
  readonly compared: ReadonlyMap<EvidenceTable, Difference>;
}

/** Why a block cannot be decoded again. */
export type Skipped = 'purged' | 'altered';

/**
 * Decodes one block again and compares. Changes nothing.
 * @returns undefined when nothing in it is selected
 */
export async function replayBlock(
  client: ClickHouseClient,
  name: BlockName,
  parts: {
    readonly selection: ReplaySelection;
    readonly privateKey: string;
    readonly redecode: Redecode;
  }
): Promise<BlockReplay | Skipped | undefined> {
  const { selection, privateKey, redecode } = parts;
  const sealed = await sealedBlock(client, name, name.block);
  const concerned = (await actsAbout(client, name, name.block)).filter((act) => concerns(act, name.block));
  const expected = expectedNow(sealed, concerned);
  const [opened] = await openBlock(client, name, name.block, { expected, privateKey });
  const tablesNow = [...replayedTables, 'ops.feed_minute', 'vault.identity'] as const;
  if (!opened || tablesNow.some((table) => purged(expected, table))) return 'purged';
  const stored = new Map<EvidenceTable, BlockRow[]>();
  const resumed = concerned.at(-1)?.kind === 'replay';
  const before = expectedNow(sealed, concerned.slice(0, -1));
  const unsettled = new Set<EvidenceTable>();
  for (const table of tablesNow) {
    const rows = await storedRows(client, table, name, name.block);
    const list = rows.map(({ bytes }) => blockRow(table, bytes));
    const leaves = rows.map(({ leaf }) => leaf);
    if (!isWhole(expected.tables.get(table), leaves)) {
      if (!resumed) return 'altered';
      if (!isWhole(before.tables.get(table), leaves)) unsettled.add(table);
    }
    stored.set(table, list);
  }
  const of = new Map<number, { table: EvidenceTable; row: BlockRow }[]>();
  for (const table of replayedTables)
    for (const row of stored.get(table) ?? []) of.set(row.seq, [...(of.get(row.seq) ?? []), { table, row }]);

  const selected = new Set<number>();
  const kept: Kept[] = [];
  const records = opened.records.flatMap((reception, index) => {
    const rows = of.get(reception.seq) ?? [];
    if (isSelected(rows, selection) && !expected.redacted.has(index)) {
      selected.add(reception.seq);
      const fresh = rows.every(({ table }) => table === 'audit.quarantine');
      return [{ seq: reception.seq, reception, fresh }];
    }
    kept.push(keptOf(reception, rows));
    return [];
  });
  if (records.length === 0) return undefined;

  const made = new Map<EvidenceTable, BlockRow[]>();
  for (const { table, body, offsets } of await redecode({ name, records, kept })) {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    made.set(
      table,
      offsets.slice(1).map((end, i) => blockRow(table, bytes.subarray(offsets[i], end)))
    );
  }
  const compared = new Map<EvidenceTable, Difference>();
  for (const table of replayedTables) {
    const [mine, others] = split(stored.get(table) ?? [], ({ seq }) => selected.has(seq));
    compared.set(table, difference(mine, made.get(table) ?? [], others));
  }
  compared.set(
    'ops.feed_minute',
    difference(stored.get('ops.feed_minute') ?? [], made.get('ops.feed_minute') ?? [], [])
  );
  const people = await unknownPeople(client, made.get('vault.identity') ?? []);
  const known = stored.get('vault.identity') ?? [];
  compared.set('vault.identity', {
    after: [...known, ...people],
    leave: [],
    enter: people,
    same: known.length
  });
  // Of a replay that was cut short half-way, what it comes to must be what was signed: else something else wrote there.
  for (const table of unsettled) {
    const after = inRootOrder(table, compared.get(table)?.after ?? []);
    if (rootOf(table, after)[1] !== expected.tables.get(table)?.root) return 'altered';
  }
  const changes = new Map([...compared].filter(([, { leave, enter }]) => leave.length + enter.length > 0));
  // Counts alone do not change a block: the same minutes, summed in the same way.
  const facts = [...changes.keys()].some((table) => table !== 'ops.feed_minute');
  return { name, sealed, expected, compared, changes: facts || resumed ? changes : new Map() };
}

/** Facts that went, wholly or at a month's edge, do not come back by decoding again. */
function purged(expected: Expectation, table: EvidenceTable): boolean {
  const gone = expected.tables.get(table)?.gone;
  return gone === 'all' || (table !== 'vault.identity' && gone !== undefined && gone.size > 0);
}

function isSelected(
  rows: readonly { readonly table: EvidenceTable; readonly row: BlockRow }[],
  { source, quarantine }: ReplaySelection
): boolean {
  if (rows.some(({ table }) => table === 'audit.reception')) return false;
  if (quarantine && !rows.some(({ table }) => table === 'audit.quarantine')) return false;
  return source === undefined || rows.some(({ row }) => textOf(row.values['source']) === source);
}

function keptOf(
  reception: RawRecord,
  rows: readonly { readonly table: EvidenceTable; readonly row: BlockRow }[]
): Kept {
  const [first] = rows;
  const fact = rows.find(({ table }) => table !== 'audit.reception' && table !== 'audit.quarantine')?.row
    .values;
  const text = (column: string) => textOf(first?.row.values[column]);
  const [occurred, repairs] = [fact?.['occurred_at'], fact?.['repairs']];
  return {
    reception,
    origin: { source: text('source'), site: text('site'), establishment: text('establishment') },
    outcome: rows.some(({ table }) => table === 'audit.quarantine')
      ? 'quarantined'
      : fact
        ? 'stored'
        : 'duplicate',
    repaired: Array.isArray(repairs) && repairs.length > 0,
    occurredAt: typeof occurred === 'bigint' ? Number(occurred) : undefined
  };
}

function split<T>(list: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [list.filter(test), list.filter((one) => !test(one))];
}
