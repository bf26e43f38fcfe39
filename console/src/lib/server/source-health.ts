import type { ClickHouseClient } from '@vigie/store';
import { z } from 'zod';
import {
  keptOutcomes,
  movedAndAudited,
  rhythms,
  sourceDecoders,
  sourceReasons,
  sourceRepairs,
  sourceSequences,
  sourceTimes,
  sourceTraits,
  toldOutcomes
} from './query/source-health.ts';
import type { OneSource } from './query/sources.ts';

/** Days a rhythm is learned from. */
const rhythmDays = 28;

/**
 * By source, how long it usually stays quiet.
 * @param source one alone; all of them when left out
 */
export async function learnRhythms(
  client: ClickHouseClient,
  scope: readonly string[],
  now: Date,
  source = '*'
) {
  const from = new Date(now.getTime() - rhythmDays * 86_400_000);
  return Map.groupBy(await rhythms.ask(client, { scope, from, to: now, source }), (row) => row.source);
}

const minute = (ms: number) => new Date(ms * 60_000);

/** Everything the page of one source says of its health. */
export async function healthOf(client: ClickHouseClient, asked: OneSource) {
  const [balance, [times], decoders, repairs, reasons, hours, traits, sequences] = await Promise.all([
    balanceOf(client, asked),
    sourceTimes.ask(client, asked),
    sourceDecoders.ask(client, asked),
    sourceRepairs.ask(client, asked),
    sourceReasons.ask(client, asked),
    movedAndAudited.ask(client, asked),
    sourceTraits.ask(client, asked),
    sourceSequences.ask(client, asked)
  ]);
  return { balance, times, decoders, repairs, reasons, hours, traits, sequences };
}

/** What was said of a source's messages against what lies in the tables, by lane; counts are kept by the whole minute. */
async function balanceOf(client: ClickHouseClient, asked: OneSource) {
  const whole = {
    ...asked,
    from: minute(Math.floor(asked.from.getTime() / 60_000)),
    to: minute(Math.ceil(asked.to.getTime() / 60_000))
  };
  const told = await toldOutcomes.ask(client, whole);
  if (told.length === 0) return [];
  const names = told.map(({ lane, collector }) => `${lane} ${collector}`);
  const kept = await keptOutcomes.ask(client, { ...whole, names, upto: told.map(({ upto }) => upto) });
  return [...Map.groupBy(told, ({ lane }) => lane)].map(([lane, parts]) => {
    const sum = (of: 'received' | 'stored' | 'duplicate' | 'quarantined') =>
      parts.reduce((total, part) => total + part[of], 0);
    const said = { stored: sum('stored'), duplicate: sum('duplicate'), quarantined: sum('quarantined') };
    const found = kept.find((one) => one.lane === lane) ?? { stored: 0, duplicate: 0, quarantined: 0 };
    const holds =
      sum('received') === said.stored + said.duplicate + said.quarantined &&
      found.stored === said.stored &&
      found.duplicate === said.duplicate &&
      found.quarantined === said.quarantined;
    return { lane, received: sum('received'), ...said, kept: found, holds };
  });
}

const Forwarding = z.object({
  id: z.string(),
  kind: z.string(),
  to: z.string(),
  pending: z.number(),
  pending_bytes: z.number(),
  oldest_ms: z.number(),
  sent: z.number(),
  refused: z.number(),
  unfit: z.number(),
  withdrawn: z.number().default(0),
  skipped: z.number(),
  gaps: z.array(
    z.object({
      lane: z.string(),
      first: z.number(),
      last: z.number(),
      messages: z.number(),
      since: z.number()
    })
  ),
  error: z.string().nullable(),
  mend: z.string().nullable()
});
const Pull = z.object({ id: z.string(), system: z.string(), done: z.number(), of: z.number() });
const Ready = z.object({
  pulls: z.array(Pull).default([]),
  forwarding: z.array(Forwarding),
  spool: z.record(z.string(), z.object({ bytes: z.number(), records: z.number(), oldest_ms: z.number() }))
});

/** What waits on the collector's disk and for other repositories, as the collector says; undefined when it does not answer. */
export async function spoolOf(collectorUrl: string) {
  try {
    const response = await fetch(`${collectorUrl}/readyz`, { signal: AbortSignal.timeout(1500) });
    const { spool, forwarding, pulls } = Ready.parse(await response.json());
    const lanes = Object.values(spool);
    return {
      forwarding,
      pulls,
      bytes: lanes.reduce((sum, lane) => sum + lane.bytes, 0),
      oldestMs: Math.max(0, ...lanes.map((lane) => lane.oldest_ms)),
      records: Object.fromEntries(Object.entries(spool).map(([lane, { records }]) => [lane, records]))
    };
  } catch {
    return undefined;
  }
}
