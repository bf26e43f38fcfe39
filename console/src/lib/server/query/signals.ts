import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { signalCodes } from '@vigie/schemas/facts/signal';

/** A state that needs a look, as the watch last told it. */
export const OpenSignal = z.object({
  code: z.enum(signalCodes),
  severity: z.enum(['info', 'warning', 'critical']),
  subject: z.string(),
  site: z.string(),
  since: z.coerce.date(),
  params: z
    .string()
    .transform((value) =>
      z.record(z.string(), z.union([z.string(), z.number()])).parse(JSON.parse(value || '{}'))
    )
});
export type OpenSignal = z.infer<typeof OpenSignal>;

/** Signals carry no person and no patient, so they have no scope; a state told more than 400 days ago is gone. */
const openSql = `SELECT code, argMax(severity, (occurred_at, seq)) AS severity, subject, argMax(s.site, (occurred_at, seq)) AS site,
  max(occurred_at) AS since, argMax(s.params, (occurred_at, seq)) AS params
FROM ops.signal AS s WHERE occurred_at > now() - INTERVAL 400 DAY
GROUP BY code, subject HAVING argMax(state, (occurred_at, seq)) = 'opened' ORDER BY severity = 'critical' DESC, severity = 'info', since DESC LIMIT 200`;

/** Open signals other than the simulation, the gravest first. */
export async function openSignals(client: ClickHouseClient): Promise<OpenSignal[]> {
  const result = await client.query({
    query: openSql,
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'signals.open' }
  });
  return z.array(OpenSignal).parse(await result.json()).filter(({ code }) => code !== 'simulation'); // prettier-ignore
}

let known: { at: number; value: boolean } | undefined;

/** Whether the simulator has announced itself. Asked at most every 5 s; while the store is down the last answer holds. */
export async function simulated(client: ClickHouseClient): Promise<boolean> {
  if (known && Date.now() - known.at < 5000) return known.value;
  try {
    const result = await client.query({
      query:
        "SELECT argMax(state, (occurred_at, seq)) = 'opened' AS simulated FROM ops.signal WHERE code = 'simulation' HAVING count() > 0",
      format: 'JSONEachRow',
      clickhouse_settings: { log_comment: 'signals.simulated' }
    });
    const [row] = z.array(z.object({ simulated: z.coerce.boolean() })).parse(await result.json());
    known = { at: Date.now(), value: row?.simulated ?? false };
  } catch {
    known = { at: Date.now(), value: known?.value ?? false };
  }
  return known.value;
}
