import { readerOf } from '#lib/server/access/guard.ts';
import { objectivesOf } from '#lib/server/access/systems-seen.ts';
import { signalsOf } from '#lib/server/access/signals.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { directionOf, logOf, panelsOf, poolsOf, systemsOf } from '#lib/server/overview.ts';
import { openSignals } from '#lib/server/query/signals.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { Preset } from '#lib/period.ts';
import type { Role } from '@vigie/schemas';
import type { PageServerLoad } from './$types';

/** What each role comes for in the morning, and over which time it looks first. */
const morning: Readonly<Record<Role, readonly ['platform' | 'log' | 'group', Preset]>> = {
  dsi: ['platform', '24h'],
  rssi: ['platform', '24h'],
  admin: ['platform', '24h'],
  dpo: ['log', '7d'],
  auditor: ['log', '7d'],
  direction: ['group', '30d']
};

export const load: PageServerLoad = async (event) => {
  const { locals, url } = event;
  const reader = readerOf(locals, 'overview');
  const { client, config } = context();
  const now = new Date();
  const [kind, period] = morning[reader.role];
  const view = viewOf(reader, url, period, now);
  const [signals, platform, pools, traffic, log, direction, delays, costs] = await Promise.all([
    openSignals(client),
    kind === 'platform' ? systemsOf(reader, view.sites, now) : undefined,
    kind === 'platform' ? poolsOf(reader, now) : undefined,
    kind === 'platform' ? panelsOf(event, 'traffic', ['volume', 'failures'], period) : undefined,
    kind === 'log' ? logOf(reader, view) : undefined,
    kind === 'group' ? directionOf(reader, now) : undefined,
    kind === 'group' ? panelsOf(event, 'turnaround', ['lost'], period) : undefined,
    kind === 'group' ? panelsOf(event, 'storage', ['cost-month'], period) : undefined
  ]);
  const objectives = Object.fromEntries(
    objectivesOf(reader, config.group).map((one) => [one.id, one.name[locals.language]])
  );
  return {
    signals: signalsOf(reader, signals, config.group),
    names: { ...systemNames(reader), ...objectives },
    platform,
    pools,
    log,
    direction,
    reports: [traffic, delays, costs].filter((one) => one !== undefined),
    now,
    defaultPeriod: period
  };
};
