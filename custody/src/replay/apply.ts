import { tables } from '@vigie/schemas/tables';
import type { EvidenceTable } from '@vigie/evidence/row-order';
import { insertBinary, type ClickHouseClient } from '@vigie/store';
import { change } from '../ask.ts';
import { signAbout, type Mandate } from '../chain/signer.ts';
import { inRootOrder, rootOf, type BlockRow } from './block-rows.ts';
import type { BlockReplay } from './replay-block.ts';
import { leaveBase, leaveDerived } from './rollups.ts';

/** Rows that one statement may name. */
const keysAtOnce = 4000;

/**
 * Carries out what a replay made of one block: the signed root of the rows that hold from now on; then the rows that leave, taken out
 * of every sum first; then those that enter. At whatever place it is cut short, the block differs still, and the next replay goes on.
 */
export async function applyReplay(
  client: ClickHouseClient,
  replay: BlockReplay,
  mandate: Mandate
): Promise<void> {
  const { name, sealed, expected, changes } = replay;
  const roots = [...changes].map(
    ([table, { after }]) => [table, rootOf(table, inRootOrder(table, after))] as const
  );
  // Of a replay that was cut short the root is signed already.
  const told = roots.filter(([table, [rows, root]]) => {
    const now = expected.tables.get(table);
    return now ? now.size !== rows || now.root !== root : rows > 0;
  });
  if (told.length > 0)
    await signAbout(
      client,
      { kind: 'replay', chain: name, block: sealed, changes: { rows: Object.fromEntries(told) } },
      mandate
    );
  for (const [table, { leave, enter, after }] of changes) {
    const whole = table === 'ops.feed_minute';
    if (whole && leave.length + enter.length > 0) await clearMinutes(client, replay);
    else if (leave.length > 0) await remove(client, table, replay, leave);
    await insert(client, table, { replay, rows: inRootOrder(table, whole ? after : enter), at: mandate.at });
  }
}

async function clearMinutes(client: ClickHouseClient, { name }: BlockReplay): Promise<void> {
  const { collector, lane, block } = name;
  await change(
    client,
    `ALTER TABLE ops.feed_minute DELETE WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64} SETTINGS mutations_sync = 2`,
    { collector, lane, block }
  );
}

async function remove(
  client: ClickHouseClient,
  table: EvidenceTable,
  { name: { collector, lane } }: BlockReplay,
  rows: readonly BlockRow[]
): Promise<void> {
  for (let at = 0; at < rows.length; at += keysAtOnce) {
    const keys = rows.slice(at, at + keysAtOnce).map(({ seq, sub }) => [seq, sub] as const);
    await leaveDerived(client, table, { collector, lane, keys });
    await leaveBase(client, table, { collector, lane, keys });
  }
}

async function insert(
  client: ClickHouseClient,
  table: EvidenceTable,
  {
    replay,
    rows,
    at
  }: { readonly replay: BlockReplay; readonly rows: readonly BlockRow[]; readonly at: number }
): Promise<void> {
  if (rows.length === 0) return;
  const { collector, lane, block } = replay.name;
  // Another replay may bring back rows that one before took away: the token names this run.
  const token = `${table}:replay:${collector}:${lane}:${block}:${at}`;
  const body = Buffer.concat(rows.map(({ bytes }) => bytes));
  await insertBinary(client, {
    table,
    columns: Object.keys(tables[table]),
    format: 'RowBinary',
    body,
    token
  });
}
