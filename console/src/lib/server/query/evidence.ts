import { z } from 'zod';
import { define } from './define.ts';

/*
 * Questions about what is signed. Headers and acts tell counts, times and hashes, of no person and of no establishment alone; they
 * are asked for within the same bounds as everything.
 */
const inside = `notEmpty({scope:Array(String)}) AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)}`;

const Lane = z.object({
  collector: z.string(),
  lane: z.string(),
  blocks: z.number(),
  records: z.number(),
  first_at: z.coerce.date(),
  last_at: z.coerce.date(),
  last_block: z.number(),
  head: z.string(),
  keys: z.array(z.string())
});
export type Lane = z.infer<typeof Lane>;

/** Each chain: how long it is, and its newest header. */
export const evidenceLanes = define({
  name: 'evidence.lanes',
  sql: `SELECT collector, lane, count() AS blocks, sum(JSONExtractUInt(header, 'records')) AS records, min(sealed_at) AS first_at,
    max(sealed_at) AS last_at, max(b.block) AS last_block, lower(hex(argMax(hash, b.block))) AS head, arraySort(groupUniqArray(key_id)) AS keys
  FROM audit.block AS b WHERE kind = 'block' AND ${inside} GROUP BY collector, lane ORDER BY collector, lane LIMIT 100`,
  row: Lane
});

const Day = z.object({ day: z.string(), lane: z.string(), blocks: z.number(), records: z.number() });
export type Day = z.infer<typeof Day>;

/** Blocks of each day (Europe/Paris) and lane. */
export const evidenceDays = define({
  name: 'evidence.days',
  sql: `SELECT toString(toDate(sealed_at, 'Europe/Paris')) AS day, lane, count() AS blocks, sum(JSONExtractUInt(header, 'records')) AS records
  FROM audit.block WHERE kind = 'block' AND ${inside} GROUP BY day, lane ORDER BY day DESC, lane LIMIT 1200`,
  row: Day
});

const ActRow = z.object({
  kind: z.string(),
  collector: z.string(),
  lane: z.string(),
  block: z.number(),
  to: z.number(),
  at: z.coerce.date(),
  reason: z.string(),
  tables: z.array(z.string())
});

/** The newest signed acts: tombstones and superseding roots. */
export const evidenceActs = define({
  name: 'evidence.acts',
  sql: `SELECT kind, collector, lane, block, last_seq AS to, sealed_at AS at, JSONExtractString(header, 'reason') AS reason,
    arraySort(arrayDistinct(arrayConcat(JSONExtractKeys(header, 'rows'), JSONExtractKeys(header, 'removed')))) AS tables
  FROM audit.block WHERE kind != 'block' AND ${inside} ORDER BY sealed_at DESC LIMIT 50`,
  row: ActRow
});

const Told = z.object({
  at: z.coerce.date(),
  actor: z.string(),
  outcome: z.number(),
  types: z.array(z.string())
});

/** The newest of Vigie's own events of one type, such as the end of a verification. */
export const evidenceTold = define<
  { readonly scope: readonly string[]; readonly from: Date; readonly to: Date; readonly type: string },
  z.infer<typeof Told>
>({
  name: 'evidence.told',
  sql: `SELECT occurred_at AS at, actor_id AS actor, outcome, event_types AS types FROM audit.event
  WHERE lane = 'own' AND notEmpty({scope:Array(String)}) AND has(event_types, {type:String})
    AND received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)} ORDER BY occurred_at DESC LIMIT 1000`,
  row: Told
});
