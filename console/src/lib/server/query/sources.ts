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

/** What each source sent in the window, and when it was last heard at all. Counts only: shared systems are seen by all. */
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
