import { z } from 'zod';
import { define, type Bounds } from './define.ts';

const SourceRow = z.object({
  source: z.string(),
  received: z.number(),
  stored: z.number(),
  duplicate: z.number(),
  quarantined: z.number(),
  bytes: z.number(),
  last_at: z.coerce.date(),
  lag_ms: z.number().nullable()
});
export type SourceRow = z.infer<typeof SourceRow>;

const inside = 'minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)}';
const lastHour = 'minute >= {hour:DateTime64(3)}';

/** What each source sent in the window, and when it was last heard in a month. Counts only: shared systems are seen by all. */
export const sourceFeeds = define<Bounds & { readonly hour: Date }, SourceRow>({
  name: 'sources.feeds',
  sql: `SELECT source, sumIf(f.received, ${inside}) AS received, sumIf(f.stored, ${inside}) AS stored, sumIf(f.duplicate, ${inside}) AS duplicate,
    sumIf(f.quarantined, ${inside}) AS quarantined, sumIf(f.bytes, ${inside}) AS bytes, max(f.last_at) AS last_at,
    if(sumIf(delayed, ${lastHour}) = 0, NULL, sumIf(delay_ms_sum, ${lastHour}) / sumIf(delayed, ${lastHour})) AS lag_ms
  FROM ops.feed_minute AS f
  WHERE (establishment IN {scope:Array(String)} OR establishment = '')
    AND minute >= least({from:DateTime64(3)}, {hour:DateTime64(3)} - INTERVAL 30 DAY)
  GROUP BY source ORDER BY source LIMIT 500`,
  row: SourceRow
});

export const quarantineReasons = define({
  name: 'sources.quarantine',
  sql: `SELECT source, reason, detail, count() AS messages, max(q.received_at) AS last_at FROM audit.quarantine AS q
  WHERE (establishment IN {scope:Array(String)} OR establishment = '') AND q.received_at >= {from:DateTime64(3)} AND q.received_at < {to:DateTime64(3)}
  GROUP BY source, reason, detail ORDER BY messages DESC LIMIT 100`,
  row: z.object({
    source: z.string(),
    reason: z.string(),
    detail: z.string(),
    messages: z.number(),
    last_at: z.coerce.date()
  })
});

/** One source: whose rows, when, and its id as stored. */
export interface OneSource extends Bounds {
  readonly source: string;
}

const shared = "(establishment IN {scope:Array(String)} OR establishment = '')";
const within = `source = {source:String} AND ${shared}`;

/** What one source sent, by step of time. */
export const sourceHistogram = define<OneSource & { readonly step: number }, { at: Date; events: number }>({
  name: 'source.histogram',
  sql: `SELECT toDateTime64(toStartOfInterval(minute, toIntervalSecond({step:UInt32})), 3, 'UTC') AS at, sum(f.received) AS events
  FROM ops.feed_minute AS f WHERE ${within} AND ${inside} GROUP BY at ORDER BY at LIMIT 2000`,
  row: z.object({ at: z.coerce.date(), events: z.number() })
});

/** By which way one source came. */
export const sourceTransports = define<
  OneSource,
  { transport: string; received: number; quarantined: number; last_at: Date }
>({
  name: 'source.transports',
  sql: `SELECT transport, sum(f.received) AS received, sum(f.quarantined) AS quarantined, max(f.last_at) AS last_at
  FROM ops.feed_minute AS f WHERE ${within} AND ${inside} GROUP BY transport ORDER BY received DESC LIMIT 50`,
  row: z.object({
    transport: z.string(),
    received: z.number(),
    quarantined: z.number(),
    last_at: z.coerce.date()
  })
});

const QuarantineRow = z.object({
  id: z.string(),
  received_at: z.coerce.date(),
  transport: z.string(),
  peer: z.string(),
  reason: z.string(),
  detail: z.string(),
  bytes: z.number(),
  decoder: z.string()
});
export type QuarantineRow = z.infer<typeof QuarantineRow>;

/** Newest messages of one source that were not understood: where and why, never what they said. */
export const quarantineRows = define<OneSource, QuarantineRow>({
  name: 'source.quarantine',
  sql: `SELECT concat(collector, '-', lane, '-', toString(seq), '-', toString(sub)) AS id, q.received_at AS received_at, transport, peer, reason, detail,
    bytes, decoder FROM audit.quarantine AS q
  WHERE ${within} AND q.received_at >= {from:DateTime64(3)} AND q.received_at < {to:DateTime64(3)} ORDER BY received_at DESC, id DESC LIMIT 100`,
  row: QuarantineRow
});
