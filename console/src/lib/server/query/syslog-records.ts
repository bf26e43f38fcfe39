import { z } from 'zod';
import { define, type Bounds, type Question } from './define.ts';
import { recordedSql, recordedWithin } from './recorded.ts';

const SyslogRecord = z.object({
  collector: z.string(),
  block: z.number(),
  seq: z.number(),
  recorded_at: z.coerce.date()
});
/** One message as it came by syslog, understood or not. */
export type SyslogRecord = z.infer<typeof SyslogRecord>;

interface Asked extends Bounds {
  readonly limit: number;
  readonly after: Date;
  readonly after_collector: string;
  readonly after_seq: number;
}

const receivedWithin = 'received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)}';

/**
 * Messages that came by syslog in a window, newest first, beyond a keyset: those understood by when they were recorded, those
 * in quarantine by when they were received.
 * @param where conditions on events, whose values are bound under the names they use; `$recorded` stands for the time
 * @param quarantine the same for messages in quarantine; undefined when the conditions ask about events
 */
export function syslogRecords(
  where: string,
  quarantine: string | undefined
): Question<Asked & Readonly<Record<string, unknown>>, SyslogRecord> {
  const part = (table: string, time: string, within: string, condition: string) => `
    SELECT collector, block, seq, max(${time}) AS recorded_at FROM ${table}
    WHERE lane = 'audit' AND transport IN ('udp', 'tcp', 'tls') AND establishment IN {scope:Array(String)}
      AND ${within} AND ${condition.replaceAll('$recorded', time)}
    GROUP BY collector, block, seq`;
  return define({
    name: 'syslog.search',
    sql: `SELECT collector, block, seq, max(recorded_at) AS recorded_at FROM (
      ${part('audit.event', recordedSql, recordedWithin, where)}
      ${quarantine === undefined ? '' : `UNION ALL ${part('audit.quarantine', 'received_at', receivedWithin, quarantine)}`})
    GROUP BY collector, block, seq
    HAVING (recorded_at, collector, seq) < ({after:DateTime64(3)}, {after_collector:String}, {after_seq:UInt64})
    ORDER BY recorded_at DESC, collector DESC, seq DESC LIMIT {limit:UInt32}`,
    row: SyslogRecord
  });
}

/** Of some messages, those that tell of another establishment too: a wrapper may hold events of several. */
export const sharedRecords = define<
  Bounds & { readonly seqs: readonly number[] },
  { collector: string; seq: number }
>({
  name: 'syslog.shared',
  sql: `SELECT DISTINCT collector, seq FROM (
      SELECT collector, seq, establishment, received_at FROM audit.event WHERE lane = 'audit' AND seq IN {seqs:Array(UInt64)}
      UNION ALL
      SELECT collector, seq, establishment, received_at FROM audit.quarantine WHERE lane = 'audit' AND seq IN {seqs:Array(UInt64)})
    WHERE establishment NOT IN {scope:Array(String)} AND received_at >= {from:DateTime64(3)} AND received_at < {to:DateTime64(3)}`,
  row: z.object({ collector: z.string(), seq: z.number() })
});
