import { readerOf } from '#lib/server/access/guard.ts';
import { systemsSeen } from '#lib/server/access/systems-seen.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { judgeSilence } from '#lib/rhythm.ts';
import { laneBlocks } from '#lib/server/query/source-health.ts';
import { learnRhythms, spoolOf } from '#lib/server/source-health.ts';
import { quarantineReasons, sourceFeeds } from '#lib/server/query/sources.ts';
import { viewOf } from '#lib/server/query/window.ts';
import { sourceState } from '#lib/source-state.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  const reader = readerOf(locals, 'sources');
  const { client, config } = context();
  const now = new Date();
  const view = viewOf(reader, url, '24h', now);
  const [feeds, quarantine, spool, rhythms, blocks] = await Promise.all([
    sourceFeeds.ask(client, {
      scope: view.scope,
      from: view.from,
      to: view.to,
      hour: new Date(now.getTime() - 3_600_000)
    }),
    quarantineReasons.ask(client, { scope: view.scope, from: view.from, to: view.to }),
    spoolOf(config.collectorUrl),
    learnRhythms(client, view.scope, now),
    laneBlocks.ask(client, { scope: view.scope, from: view.from, to: view.to })
  ]);
  // What holds a key of ours and is no system, such as the simulator, is known all the same.
  const keys = new Set(config.group.api_keys.map((key) => key.id));
  const heard = new Map(feeds.map((feed) => [feed.source, feed]));
  const expected = systemsSeen(reader, config.group)
    .filter((system) => system.kind !== 'modality' || heard.has(system.id))
    .map((system) => system.id);
  const undeclared = feeds
    .filter((feed) => !config.group.systems.some((system) => system.id === feed.source))
    .map((feed) => feed.source);
  const sources = [...expected, ...undeclared].map((id) => {
    const system = config.group.systems.find((one) => one.id === id);
    const feed = heard.get(id);
    const rhythm = feed
      ? judgeSilence(rhythms.get(id) ?? [], feed.last_at, now)
      : ({ kind: 'learning' } as const);
    const state = sourceState(
      {
        declared: system !== undefined || keys.has(id),
        lastAt: feed?.last_at,
        silenceMinutes: system?.silence_minutes,
        rhythm
      },
      now
    );
    return {
      id,
      state,
      silenceMinutes: system?.silence_minutes,
      usualMs: rhythm.kind === 'learning' ? undefined : rhythm.usualMs,
      feed
    };
  });
  return { sources, quarantine, spool, blocks, systems: systemNames(reader), now };
};
