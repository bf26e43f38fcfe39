import type { TestEngine } from './engine.ts';

/** What the store says of the audit lane. */
export interface LaneSums {
  readonly events: number;
  readonly distinct: number;
  readonly highest: number;
  readonly receptions: number;
  readonly quarantined: number;
  readonly hourly: number;
  readonly by_actor: number;
  readonly by_patient: number;
  readonly received: number;
  readonly settled: number;
  readonly doubled_blocks: number;
}

/** Counts of base tables, rollups, projections and blocks of the audit lane, fed with one event a message. */
export async function laneSums(engine: TestEngine): Promise<LaneSums> {
  const [row] = await engine.rows<Record<keyof LaneSums, string>>(`
    SELECT
      (SELECT count() FROM audit.event WHERE lane = 'audit') AS events,
      (SELECT uniqExact(seq) FROM audit.event WHERE lane = 'audit') AS distinct,
      (SELECT max(seq) FROM audit.event WHERE lane = 'audit') AS highest,
      (SELECT count() FROM audit.reception WHERE lane = 'audit') AS receptions,
      (SELECT count() FROM audit.quarantine WHERE lane = 'audit') AS quarantined,
      (SELECT sum(events) FROM audit.event_hourly WHERE lane = 'audit') AS hourly,
      (SELECT count() FROM audit.event_by_actor WHERE lane = 'audit') AS by_actor,
      (SELECT count() FROM audit.event_by_patient WHERE lane = 'audit') AS by_patient,
      (SELECT sum(received) FROM ops.feed_minute WHERE lane = 'audit') AS received,
      (SELECT sum(stored + duplicate + quarantined) FROM ops.feed_minute WHERE lane = 'audit') AS settled,
      (SELECT count() - uniqExact(block) FROM audit.block WHERE lane = 'audit' AND kind = 'block') AS doubled_blocks`);
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)])
  ) as unknown as LaneSums;
}

/**
 * What the sums must be when every message is there once and every rollup says the same.
 * @param repeated receptions of messages that were there already
 */
export function wholeLane(events: number, repeated = 0): Omit<LaneSums, 'highest'> {
  return {
    events,
    distinct: events,
    receptions: repeated,
    quarantined: 0,
    hourly: events,
    by_actor: events,
    by_patient: events,
    received: events + repeated,
    settled: events + repeated,
    doubled_blocks: 0
  };
}
