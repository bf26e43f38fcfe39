import { z } from 'zod';
import { readerOf } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { quarantineReasons, sourceFeeds } from '#lib/server/query/sources.ts';
import { viewOf } from '#lib/server/query/window.ts';
import { sourceState } from '#lib/source-state.ts';
import type { PageServerLoad } from './$types';

const Ready = z.object({
  spool: z.record(z.string(), z.object({ bytes: z.number(), oldest_ms: z.number() }))
});

export const load: PageServerLoad = async ({ locals, url }) => {
  const reader = readerOf(locals, 'sources');
  const { client, config } = context();
  const now = new Date();
  const view = viewOf(reader, url, '24h', now);
  const [feeds, quarantine, spool] = await Promise.all([
    sourceFeeds.ask(client, {
      scope: view.scope,
      from: view.from,
      to: view.to,
      hour: new Date(now.getTime() - 3_600_000)
    }),
    quarantineReasons.ask(client, { scope: view.scope, from: view.from, to: view.to }),
    spoolOf(config.collectorUrl)
  ]);
  // What holds a key of ours and is no system, such as the simulator, is known all the same.
  const keys = new Set(config.group.api_keys.map((key) => key.id));
  const heard = new Map(feeds.map((feed) => [feed.source, feed]));
  const site = new Map(config.group.sites.map((one) => [one.id, one.establishment]));
  const declared = config.group.systems.filter(
    (system) => system.site === undefined || reader.scope.includes(site.get(system.site) ?? '')
  );
  const expected = declared
    .filter((system) => system.kind !== 'modality' || heard.has(system.id))
    .map((system) => system.id);
  const undeclared = feeds
    .filter((feed) => !config.group.systems.some((system) => system.id === feed.source))
    .map((feed) => feed.source);
  const sources = [...expected, ...undeclared].map((id) => {
    const system = config.group.systems.find((one) => one.id === id);
    const feed = heard.get(id);
    const state = sourceState(
      {
        declared: system !== undefined || keys.has(id),
        lastAt: feed?.last_at,
        silenceMinutes: system?.silence_minutes
      },
      now
    );
    return { id, state, silenceMinutes: system?.silence_minutes, feed };
  });
  return { sources, quarantine, spool, systems: systemNames(), now };
};

/** What waits on the collector's disk, as the collector says; undefined when it does not answer. */
async function spoolOf(collectorUrl: string) {
  try {
    const response = await fetch(`${collectorUrl}/readyz`, { signal: AbortSignal.timeout(1500) });
    const { spool } = Ready.parse(await response.json());
    const lanes = Object.values(spool);
    return {
      bytes: lanes.reduce((sum, lane) => sum + lane.bytes, 0),
      oldestMs: Math.max(0, ...lanes.map((lane) => lane.oldest_ms))
    };
  } catch {
    return undefined;
  }
}
