import { factTables } from '@vigie/schemas/fact-tables';
import { z } from 'zod';
import { define, type Bounds } from './define.ts';
import type { OneSource } from './sources.ts';

const shared = "(establishment IN {scope:Array(String)} OR establishment = '')";
const within = `source = {source:String} AND ${shared}`;
const received = (table: string) =>
  `${table}.received_at >= {from:DateTime64(3)} AND ${table}.received_at < {to:DateTime64(3)}`;

const RhythmRow = z
  .object({ source: z.string(), hour: z.number(), weekend: z.number(), usual: z.number(), days: z.number() })
  .transform(({ source, hour, weekend, usual, days }) => ({
    source,
    hour,
    weekend: weekend === 1,
    usualSeconds: usual,
    days
  }));

/**
 * The longest silence that began in each hour of each day, and of these the one that nine days of ten stay below.
 * The last silence of a source, which is still going on, is not among them.
 */
export const rhythms = define<Bounds & { readonly source: string }, z.infer<typeof RhythmRow>>({
  name: 'sources.rhythms',
  sql: `SELECT source, hour, weekend, toUInt32(quantileExact(0.9)(longest)) AS usual, toUInt32(count()) AS days FROM (
      SELECT source, toHour(at, 'Europe/Paris') AS hour, toUInt8(toDayOfWeek(at, 0, 'Europe/Paris') > 5) AS weekend,
        toDate(at, 'Europe/Paris') AS day, max(gap) AS longest
      FROM (
        SELECT source, at, dateDiff('second', at, leadInFrame(at) OVER (PARTITION BY source ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) AS gap
        FROM (SELECT DISTINCT source, minute AS at FROM ops.feed_minute
          WHERE ${shared} AND ({source:String} = '*' OR source = {source:String}) AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)})
      ) WHERE gap > 0 GROUP BY source, hour, weekend, day
    ) GROUP BY source, hour, weekend ORDER BY source, weekend, hour LIMIT 24000`,
  row: RhythmRow
});

/** Bounds of the classes of the two distributions, milliseconds: below the first, between, above the last. */
export const timeClasses = [-60_000, -5000, -1000, 1000, 5000, 60_000, 600_000, 3_600_000] as const;
const classes = (value: string, when: string) =>
  `[${[...timeClasses, null]
    .map((upper, i) => {
      const lower = i === 0 ? undefined : timeClasses[i - 1];
      const parts = [
        when,
        ...(lower === undefined ? [] : [`${value} >= ${lower}`]),
        ...(upper === null ? [] : [`${value} < ${upper}`])
      ];
      return `toUInt32(countIf(${parts.join(' AND ')}))`;
    })
    .join(', ')}]`;

const SourceTimes = z.object({
  events: z.number(),
  stamped: z.number(),
  delay: z.array(z.number()).length(3),
  delay_max: z.number(),
  delay_classes: z.array(z.number()),
  skew: z.array(z.number().nullable()).length(3),
  skew_classes: z.array(z.number())
});
export type SourceTimes = z.infer<typeof SourceTimes>;

/** Delay from the act to its reception, and from the sender's own stamp (syslog header) to it: 5, 50 and 95 %, and classes. */
export const sourceTimes = define<OneSource, SourceTimes>({
  name: 'source.times',
  sql: `SELECT toUInt32(count()) AS events, toUInt32(countIf(has_stamp)) AS stamped,
      quantilesTDigest(0.05, 0.5, 0.95)(delay_ms) AS delay, max(delay_ms) AS delay_max, ${classes('delay_ms', '1')} AS delay_classes,
      quantilesTDigestIf(0.05, 0.5, 0.95)(skew_ms, has_stamp) AS skew, ${classes('skew_ms', 'has_stamp')} AS skew_classes
    FROM (
      SELECT toFloat64(toUnixTimestamp64Milli(e.received_at) - toUnixTimestamp64Milli(e.occurred_at)) AS delay_ms, sent_at IS NOT NULL AS has_stamp,
        toFloat64(toUnixTimestamp64Milli(e.received_at) - toUnixTimestamp64Milli(ifNull(sent_at, e.received_at))) AS skew_ms
      FROM audit.event AS e WHERE ${within} AND ${received('e')}
    ) HAVING events > 0`,
  row: SourceTimes
});

/** By which decoder the messages of one source were read, and how many needed mending. */
export const sourceDecoders = define<OneSource, { decoder: string; events: number; repaired: number }>({
  name: 'source.decoders',
  sql: `SELECT decoder, toUInt32(count()) AS events, toUInt32(countIf(notEmpty(repairs))) AS repaired FROM audit.event AS e
  WHERE ${within} AND ${received('e')} GROUP BY decoder ORDER BY events DESC LIMIT 50`,
  row: z.object({ decoder: z.string(), events: z.number(), repaired: z.number() })
});

/** What was mended in them, by name. */
export const sourceRepairs = define<OneSource, { repair: string; events: number }>({
  name: 'source.repairs',
  sql: `SELECT repair, toUInt32(count()) AS events FROM audit.event AS e ARRAY JOIN repairs AS repair
  WHERE ${within} AND ${received('e')} GROUP BY repair ORDER BY events DESC LIMIT 100`,
  row: z.object({ repair: z.string(), events: z.number() })
});

const duringBlocks = 'from_at >= {from:DateTime64(3)} AND from_at < {to:DateTime64(3)}';

/** Forms of the syslog header and of coded values in the messages of one source. */
export const sourceTraits = define<OneSource, { trait: string; value: string; messages: number }>({
  name: 'source.traits',
  sql: `SELECT trait, value, toUInt32(sum(f.messages)) AS messages FROM ops.feed_trait AS f
  WHERE ${within} AND trait != 'sequence' AND ${duringBlocks} GROUP BY trait, value ORDER BY trait DESC, messages DESC LIMIT 50`,
  row: z.object({ trait: z.string(), value: z.string(), messages: z.number() })
});

const SequenceRow = z.object({
  sender: z.string(),
  numbered: z.number(),
  missing: z.number(),
  restarts: z.number(),
  last_at: z.coerce.date()
});

/**
 * The numbers that a source's senders give their messages: those that no message bore, inside a run and between two runs, and how
 * often the sender began again.
 */
export const sourceSequences = define<OneSource, z.infer<typeof SequenceRow>>({
  name: 'source.sequences',
  sql: `SELECT value AS sender, toUInt32(sum(r.messages)) AS numbered, toUInt32(sum(inside + between_runs)) AS missing,
      toUInt32(sum(restart)) AS restarts, max(r.to_at) AS last_at
    FROM (
      SELECT value, f.messages AS messages, f.to_at AS to_at, greatest(0, toInt64(last) - toInt64(first) + 1 - toInt64(f.messages)) AS inside,
        lagInFrame(toInt64(last), 1, -1) OVER (PARTITION BY collector, value ORDER BY from_at, block, run ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before,
        if(before < 0, 0, greatest(0, toInt64(first) - before - 1)) AS between_runs, toUInt8(before >= 0 AND toInt64(last) <= before) AS restart
      FROM ops.feed_trait AS f WHERE ${within} AND trait = 'sequence' AND ${duringBlocks}
    ) AS r GROUP BY sender ORDER BY missing DESC, sender LIMIT 100`,
  row: SequenceRow
});

/** Why messages of one source were not understood, and how many. */
export const sourceReasons = define<OneSource, { reason: string; messages: number; last_at: Date }>({
  name: 'source.reasons',
  sql: `SELECT reason, toUInt32(uniqExact(collector, lane, seq)) AS messages, max(q.received_at) AS last_at FROM audit.quarantine AS q
  WHERE ${within} AND ${received('q')} GROUP BY reason ORDER BY messages DESC LIMIT 50`,
  row: z.object({ reason: z.string(), messages: z.number(), last_at: z.coerce.date() })
});

const Told = z.object({
  lane: z.string(),
  collector: z.string(),
  upto: z.number(),
  received: z.number(),
  stored: z.number(),
  duplicate: z.number(),
  quarantined: z.number()
});

const Kept = Told.pick({ lane: true, stored: true, duplicate: true, quarantined: true });

/** What each collector said it made of a source's messages, by lane, up to its newest block. Bounds are whole minutes. */
export const toldOutcomes = define<OneSource, z.infer<typeof Told>>({
  name: 'source.told',
  sql: `SELECT lane, collector, toFloat64(max(block)) AS upto, toUInt32(sum(f.received)) AS received, toUInt32(sum(f.stored)) AS stored, toUInt32(sum(f.duplicate)) AS duplicate,
    toUInt32(sum(f.quarantined)) AS quarantined
  FROM ops.feed_minute AS f WHERE ${within} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} GROUP BY lane, collector ORDER BY lane, collector`,
  row: Told
});

const kept = (table: string, outcome: number) =>
  `SELECT lane, collector, seq, ${outcome} AS outcome FROM ${table} AS t WHERE ${within} AND ${received('t')}
    AND block <= transform(concat(lane, ' ', collector), {names:Array(String)}, {upto:Array(UInt64)}, 0)`;

/**
 * What lies in the tables, counted anew message by message (the worst outcome of one counts), up to the block that the
 * other side of the balance ends with: newer ones came in meanwhile.
 */
export const keptOutcomes = define<
  OneSource & { readonly names: readonly string[]; readonly upto: readonly number[] },
  z.infer<typeof Kept>
>({
  name: 'source.kept',
  sql: `SELECT lane, toUInt32(countIf(worst = 0)) AS stored, toUInt32(countIf(worst = 1)) AS duplicate, toUInt32(countIf(worst = 2)) AS quarantined
  FROM (SELECT lane, collector, seq, max(outcome) AS worst FROM (
    ${[...factTables.map((table) => kept(table, 0)), kept('audit.reception', 1), kept('audit.quarantine', 2)].join('\n    UNION ALL ')}
  ) GROUP BY lane, collector, seq) GROUP BY lane ORDER BY lane`,
  row: Kept
});

const BlockRow = z.object({
  lane: z.string(),
  blocks: z.number(),
  messages: z.number(),
  missing: z.number()
});

/** Blocks of the period by lane, and numbers between them that no block holds. Counts of no one's data: seen by all. */
export const laneBlocks = define<Bounds, z.infer<typeof BlockRow>>({
  name: 'sources.blocks',
  sql: `SELECT lane, toUInt32(count()) AS blocks, toUInt32(sum(last_seq - block + 1)) AS messages, toUInt32(sum(if(before = 0, 0, block - before - 1))) AS missing
  FROM (SELECT lane, collector, block, last_seq,
      lagInFrame(last_seq) OVER (PARTITION BY lane, collector ORDER BY block ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
    FROM audit.block WHERE kind = 'block' AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)} AND notEmpty({scope:Array(String)}))
  GROUP BY lane ORDER BY lane`,
  row: BlockRow
});

const HourRow = z.object({
  hour: z.coerce.date(),
  moved: z.number(),
  moves: z.number(),
  audited: z.number(),
  audits: z.number(),
  uncounted: z.number()
});
export type HourRow = z.infer<typeof HourRow>;

/**
 * Images that moved to or from one system as its authoritative observer told (DICOM, Orthanc), against those in the system's own
 * audit messages of transfers (DICOM Instances Transferred, 110104), by hour of the act.
 */
export const movedAndAudited = define<OneSource, HourRow>({
  name: 'source.moved',
  sql: `SELECT hour, toUInt32(sum(moved)) AS moved, toUInt32(sum(moves)) AS moves, toUInt32(sum(audited)) AS audited, toUInt32(sum(audits)) AS audits,
    toUInt32(sum(uncounted)) AS uncounted FROM (
    SELECT hour, ifNull(sum(t.instances), 0) AS moved, sum(t.transfers) AS moves, 0 AS audited, 0 AS audits, 0 AS uncounted FROM ops.transfer_hourly AS t
    WHERE (from_system = {source:String} OR to_system = {source:String}) AND authoritative = 1 AND ${shared}
      AND hour >= toStartOfHour({from:DateTime64(3)}) AND hour < {to:DateTime64(3)} GROUP BY hour
    UNION ALL
    SELECT toStartOfHour(toDateTime(occurred_at, 'UTC')) AS hour, 0, 0, ifNull(sum(e.instances), 0), count(), countIf(isNull(e.instances)) FROM audit.event AS e
    WHERE ${within} AND event_code = '110104' AND occurred_at >= toStartOfHour({from:DateTime64(3)}) AND occurred_at < {to:DateTime64(3)} GROUP BY hour
  ) GROUP BY hour ORDER BY hour LIMIT 9000`,
  row: HourRow
});
