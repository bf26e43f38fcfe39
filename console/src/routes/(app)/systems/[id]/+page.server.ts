import { error } from '@sveltejs/kit';
import { judgeSilence } from '#lib/rhythm.ts';
import { pagesOf } from '#lib/server/access/pages.ts';
import { readerOf } from '#lib/server/access/guard.ts';
import { systemSeen } from '#lib/server/access/systems-seen.ts';
import { boardById } from '#lib/server/board/boards.ts';
import { boardPeriods, runOf } from '#lib/server/board/page.ts';
import { runBoard } from '#lib/server/board/run.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { systemsOf } from '#lib/server/overview.ts';
import { learnRhythms } from '#lib/server/source-health.ts';
import { waysOf } from '#lib/server/system-ways.ts';
import type { PageServerLoad } from './$types';

/** What Vigie watches of one system: how it is known, its state, and every figure there is of it. */
export const load: PageServerLoad = async (event) => {
  const { locals, params } = event;
  const reader = readerOf(locals, 'systems');
  const { client, config } = context();
  const system = systemSeen(reader, config.group, params.id);
  const site = config.group.sites.find((one) => one.id === system?.site);
  const board = boardById('systems');
  // A system of an establishment outside the scope is as if it did not exist.
  if (system === undefined || board === undefined) error(404, { message: 'not-found' });
  const fallback = boardPeriods['systems'] ?? '24h';
  const run = { ...runOf(event, 'systems', fallback), system: system.id };
  const { now } = run;
  const [shown, platform, rhythms] = await Promise.all([
    runBoard(board, run),
    systemsOf(reader, [], now),
    learnRhythms(client, reader.scope, now, system.id)
  ]);
  const state = platform.systems.find(({ id }) => id === system.id);
  const rhythm = state?.lastAt && judgeSilence(rhythms.get(system.id) ?? [], state.lastAt, now);
  return {
    system: {
      id: system.id,
      name: system.name,
      kind: system.kind,
      vendor: system.vendor,
      site: site?.name,
      silenceMinutes: system.silence_minutes,
      // Names of machines and keys are for those who run the platform.
      ways: waysOf(config.group, system).map(({ kind, values }) => ({
        kind,
        values: reader.role === 'direction' ? [] : values
      })),
      unverified: system.unverified?.[locals.language]
    },
    state,
    usualMs: rhythm && rhythm.kind !== 'learning' ? rhythm.usualMs : undefined,
    board: shown,
    names: systemNames(reader),
    seesSource: pagesOf(reader.role).includes('sources'),
    now,
    defaultPeriod: fallback
  };
};
