import type { KeyObject } from 'node:crypto';
import type { ActContent, ActKind } from '@vigie/evidence/act';
import { appendAct } from '@vigie/evidence/append-act';
import type { ClickHouseClient } from '@vigie/store';
import type { Chain, SealedBlock } from './blocks.ts';

/** Under what an operator acts: who may sign, why, and where Vigie's own log tells of it. */
export interface Mandate {
  readonly signingKey: KeyObject;
  readonly reason: string;
  /** Id of Vigie's own event. */
  readonly audit: string;
  /** ms since 1970 */
  readonly at: number;
}

/** Signs and stores an act about one block, or about a range that begins with it. */
export async function signAbout(
  client: ClickHouseClient,
  told: {
    readonly kind: ActKind;
    readonly chain: Chain;
    readonly block: SealedBlock;
    readonly to?: number;
    readonly changes: Pick<ActContent, 'rows' | 'removed' | 'raw_hash' | 'redacted'>;
  },
  { signingKey, reason, audit, at }: Mandate
): Promise<void> {
  const { kind, chain, block, changes } = told;
  const { first } = block.header;
  const about = { kind, ...chain, block: first, to: told.to ?? first, header: block.hash };
  await appendAct(client, { ...about, at, reason, audit, ...changes }, signingKey);
}
