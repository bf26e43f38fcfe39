import type { Board } from '@vigie/dashboards';
import type { Config } from '@vigie/schemas';
import type { ClickHouseClient } from '@vigie/store';
import { z } from 'zod';
import { availability, pools } from '../lib/server/figures.ts';
import { learnRhythms } from '../lib/server/source-health.ts';
import type { Observation } from './rules.ts';

/** Rhythms are of 28 days: an hour more or less changes little, and learning them is dear. */
const rhythmsForMs = 3_600_000;
let learned: { readonly at: number; readonly rhythms: Observation['rhythms'] } | undefined;

/** What could not be learned is tried again as late as what was: no alarm waits for it. */
async function rhythmsAt(
  client: ClickHouseClient,
  scope: readonly string[],
  now: Date,
  failed: (error: unknown) => void
): Promise<Observation['rhythms']> {
  const known = learned?.rhythms ?? new Map();
  if (learned !== undefined && now.getTime() - learned.at < rhythmsForMs) return known;
  const rhythms = await learnRhythms(client, scope, now).catch((error: unknown) => {
    failed(error);
    return known;
  });
  learned = { at: now.getTime(), rhythms };
  return rhythms;
}

/**
 * Asks the store for all the watch looks at.
 * @param failed told why the rhythms of sources could not be learned: those known before, or none, are used then
 */
export async function observe(
  client: ClickHouseClient,
  config: Config,
  boards: readonly Board[],
  now: Date,
  failed: (error: unknown) => void
): Promise<Omit<Observation, 'evidence'>> {
  const board = (id: string): Board => {
    const found = boards.find((one) => one.id === id);
    if (!found) throw new Error(`there is no board ${id}`);
    return found;
  };
  // The watch judges the platform, not persons: it reads every establishment's technical rows.
  const run = { client, config, now, scope: [...config.establishments.map((one) => one.id), ''] };
  const month = new Date(now.getTime() - 30 * 86_400_000);
  const [rhythms, feeds, transfers, probes, measured, storage] = await Promise.all([
    rhythmsAt(client, run.scope, now, failed),
    rows(
      client,
      `SELECT source, max(f.last_at) AS last_at, sumIf(f.quarantined, minute >= {hour:DateTime64(3)}) AS quarantined FROM ops.feed_minute AS f
        WHERE minute >= {month:DateTime64(3)} GROUP BY source LIMIT 2000`,
      { hour: new Date(now.getTime() - 3_600_000), month },
      z.object({ source: z.string(), last_at: z.coerce.date(), quarantined: z.number() })
    ),
    rows(
      client,
      `SELECT from_system AS system, max(t.last_at) AS last_at FROM ops.transfer_hourly AS t
        WHERE hour >= {month:DateTime64(3)} AND authoritative = 1 AND from_system != '' GROUP BY system LIMIT 2000`,
      { month },
      z.object({ system: z.string(), last_at: z.coerce.date() })
    ),
    rows(
      client,
      `SELECT system, sumIf(p.checks, minute >= {recent:DateTime64(3)}) AS checks, sumIf(p.successes, minute >= {recent:DateTime64(3)}) AS successes,
          maxIf(minute, p.successes > 0) AS good, minIf(minute, minute > good_at) AS failing
        FROM (SELECT *, max(if(successes > 0, minute, toDateTime(0, 'UTC'))) OVER (PARTITION BY system) AS good_at FROM ops.probe_minute WHERE minute >= {day:DateTime64(3)}) AS p
        GROUP BY system LIMIT 500`,
      { recent: new Date(now.getTime() - 300_000), day: new Date(now.getTime() - 86_400_000) },
      z.object({ system: z.string(), checks: z.number(), successes: z.number(), failing: z.coerce.date() })
    ),
    availability(board('sla'), run),
    pools(board('storage'), run)
  ]);
  return {
    rhythms,
    heard: new Map(feeds.map((one) => [one.source, one.last_at.getTime()])),
    transferred: new Map(transfers.map((one) => [one.system, one.last_at.getTime()])),
    quarantined: new Map(
      feeds.filter((one) => one.quarantined > 0).map((one) => [one.source, one.quarantined])
    ),
    probes: new Map(
      probes.map(({ system, checks, successes, failing }) => [
        system,
        { checks, successes, failingSince: failing.getTime() || null }
      ])
    ),
    availability: measured,
    pools: storage
  };
}

async function rows<T>(
  client: ClickHouseClient,
  query: string,
  params: Record<string, unknown>,
  row: z.ZodType<T>
): Promise<T[]> {
  const result = await client.query({
    query,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: { log_comment: 'watch' }
  });
  return z.array(row).parse(await result.json());
}
