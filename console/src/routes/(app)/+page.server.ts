import { readerOf } from '#lib/server/access/guard.ts';
import { signalsOf } from '#lib/server/access/signals.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { directionOf, logOf, poolsOf, systemsOf } from '#lib/server/overview.ts';
import { openSignals } from '#lib/server/query/signals.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => {
  const reader = readerOf(locals, 'overview');
  const { client, config } = context();
  const now = new Date();
  const view = viewOf(reader, url, '7d', now);
  const technical = reader.role === 'dsi' || reader.role === 'rssi' || reader.role === 'admin';
  const [signals, platform, pools, log, direction] = await Promise.all([
    openSignals(client),
    technical ? systemsOf(reader, now) : undefined,
    technical ? poolsOf(reader, now) : undefined,
    reader.role === 'dpo' || reader.role === 'auditor' ? logOf(reader, view.from, view.to) : undefined,
    reader.role === 'direction' ? directionOf(reader, now) : undefined
  ]);
  const language = locals.language;
  const objectives = Object.fromEntries(config.group.objectives.map((one) => [one.id, one.name[language]]));
  return {
    signals: signalsOf(reader, signals, config.group),
    names: { ...systemNames(), ...objectives },
    platform,
    pools,
    log,
    direction,
    now,
    defaultPeriod: '7d' as const
  };
};
