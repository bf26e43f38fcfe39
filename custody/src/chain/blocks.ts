import { z } from 'zod';
import { Act } from '@vigie/evidence/act';
import { afterAct, asSealed, concerns, type Expectation } from '@vigie/evidence/expectation';
import { Header } from '@vigie/evidence/header';
import type { ClickHouseClient } from '@vigie/store';
import { ask } from '../ask.ts';

/** One lane of one collector: a chain of blocks, and one of acts. */
export interface Chain {
  readonly collector: string;
  readonly lane: string;
}

const BlockRow = z.object({ header: z.string(), hash: z.string() });

export interface SealedBlock {
  readonly header: Header;
  /** Hash of the header, hexadecimal. */
  readonly hash: string;
}

/** The header of one block. @throws {Error} a sentence, when there is none */
export async function sealedBlock(
  client: ClickHouseClient,
  chain: Chain,
  block: number
): Promise<SealedBlock> {
  const [row] = await ask(
    client,
    BlockRow,
    `SELECT header, lower(hex(hash)) AS hash FROM audit.block
     WHERE collector = {collector:String} AND lane = {lane:String} AND block = {block:UInt64} AND kind = 'block' LIMIT 1`,
    { ...chain, block }
  );
  if (!row) throw new Error(`the block ${chain.collector}-${chain.lane}-${block} has no header`);
  return { header: Header.parse(JSON.parse(row.header)), hash: row.hash };
}

/** Acts about any of the blocks from one to another (by name, both in), oldest first. */
export async function actsAbout(
  client: ClickHouseClient,
  { collector, lane }: Chain,
  block: number,
  to: number = block
): Promise<Act[]> {
  const rows = await ask(
    client,
    z.object({ header: z.string() }),
    `SELECT header FROM audit.block WHERE collector = {collector:String} AND lane = {lane:String} AND kind != 'block'
     AND block <= {to:UInt64} AND last_seq >= {block:UInt64} ORDER BY JSONExtractUInt(header, 'number')`,
    { collector, lane, block, to }
  );
  return rows.map(({ header }) => Act.parse(JSON.parse(header)));
}

/** What a block must hold now, after every act that concerns it. */
export function expectedNow({ header }: SealedBlock, acts: readonly Act[]): Expectation {
  return acts.filter((act) => concerns(act, header.first)).reduce(afterAct, asSealed(header));
}
