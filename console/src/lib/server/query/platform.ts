import { z } from 'zod';
import { define, type Bounds } from './define.ts';

/** Counts that tell how the platform is; shared systems carry no establishment and are seen by all who may open the page. */
const shared = "(establishment IN {scope:Array(String)} OR establishment = '')";

/** Checks by quarter of an hour. */
export const probeQuarters = define({
  name: 'platform.probes',
  sql: `SELECT system, toDateTime64(toStartOfInterval(minute, INTERVAL 15 MINUTE), 3, 'UTC') AS at, sum(p.checks) AS checks, sum(p.successes) AS successes
  FROM ops.probe_minute AS p WHERE ${shared} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} GROUP BY system, at ORDER BY system, at`,
  row: z.object({ system: z.string(), at: z.coerce.date(), checks: z.number(), successes: z.number() })
});

/** What each source sent. */
export const feeds = define({
  name: 'platform.feeds',
  sql: `SELECT source, sum(f.received) AS received, max(f.last_at) AS last_at FROM ops.feed_minute AS f
  WHERE ${shared} AND minute >= {from:DateTime64(3)} AND minute < {to:DateTime64(3)} GROUP BY source LIMIT 500`,
  row: z.object({ source: z.string(), received: z.number(), last_at: z.coerce.date() })
});

/** What each modality sent, and when last: its word is that of whoever saw it call. */
export const modalityTraffic = define({
  name: 'platform.modalities',
  sql: `SELECT from_system AS system, sum(t.transfers) AS received, max(t.last_at) AS last_at FROM ops.transfer_hourly AS t
  WHERE establishment IN {scope:Array(String)} AND hour >= toStartOfHour({from:DateTime64(3)}) AND hour < {to:DateTime64(3)} AND authoritative = 1 AND from_system != ''
  GROUP BY system LIMIT 500`,
  row: z.object({ system: z.string(), received: z.number(), last_at: z.coerce.date() })
});

const AccessKind = z.object({
  event_code: z.string(),
  establishment: z.string(),
  events: z.number(),
  users: z.number(),
  emergencies: z.number(),
  failures: z.number()
});

/** Acts of one part of the log by establishment. Whole hours: the first of the window counts whole. */
export const accessKinds = define<
  Bounds & {
    readonly sites: readonly string[];
    readonly lane: string;
    readonly codes: readonly string[];
  },
  z.infer<typeof AccessKind>
>({
  name: 'platform.access-kinds',
  sql: `SELECT event_code, h.establishment AS establishment, sum(h.events) AS events, uniqCombinedMerge(12)(h.users) AS users,
    sumIf(h.events, emergency = 1) AS emergencies, sumIf(h.events, outcome > 0) AS failures
  FROM audit.event_hourly AS h
  WHERE lane = {lane:String} AND establishment IN {scope:Array(String)} AND site IN {sites:Array(String)}
    AND (empty({codes:Array(String)}) OR event_code IN {codes:Array(String)})
    AND hour >= toStartOfHour({from:DateTime64(3)}) AND hour < {to:DateTime64(3)}
  GROUP BY event_code, establishment ORDER BY events DESC LIMIT 40`,
  row: AccessKind
});

/** The signed chain, by lane: how far it goes. */
export const chains = define({
  name: 'platform.chains',
  sql: `SELECT count() AS blocks, sum(last_seq - block + 1) AS records, max(sealed_at) AS last_at FROM audit.block
  WHERE notEmpty({scope:Array(String)}) AND lane = 'audit' AND kind = 'block' AND sealed_at >= {from:DateTime64(3)} AND sealed_at < {to:DateTime64(3)}`,
  row: z.object({ blocks: z.number(), records: z.number(), last_at: z.coerce.date() })
});

/** Exams that ended, by site, in the window and in an equally long one a month before. */
export const examsBySite = define<
  Bounds & { readonly beforeFrom: Date; readonly beforeTo: Date },
  { site: string; exams: number; before: number }
>({
  name: 'platform.exams',
  sql: `SELECT site, countIf(day >= toDate({from:DateTime64(3)}, 'Europe/Paris') AND day < toDate({to:DateTime64(3)}, 'Europe/Paris')) AS exams,
    countIf(day >= toDate({beforeFrom:DateTime64(3)}, 'Europe/Paris') AND day < toDate({beforeTo:DateTime64(3)}, 'Europe/Paris')) AS before
  FROM ops.exam FINAL WHERE establishment IN {scope:Array(String)} AND outcome = 'done'
    AND day >= toDate({beforeFrom:DateTime64(3)}, 'Europe/Paris') AND day < toDate({to:DateTime64(3)}, 'Europe/Paris')
  GROUP BY site HAVING exams > 0 OR before > 0 ORDER BY exams DESC`,
  row: z.object({ site: z.string(), exams: z.number(), before: z.number() })
});
