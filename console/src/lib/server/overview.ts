import { DateTime } from 'luxon';
import { platformState, strip } from '#lib/platform-state.ts';
import { logPart } from './access/pages.ts';
import type { Reader } from './access/reader.ts';
import { objectivesOf, systemsSeen } from './access/systems-seen.ts';
import type { ShownBoard } from '#lib/board/shown.ts';
import type { Preset } from '#lib/period.ts';
import { boards } from './board/boards.ts';
import { runOf, type PageEvent } from './board/page.ts';
import { runBoard } from './board/run.ts';
import { context } from './context.ts';
import { availability, pools, type Availability } from './figures.ts';
import { accessKinds, chains, examsBySite, feeds, modalityTraffic, probeQuarters } from './query/platform.ts';
import type { View } from './query/window.ts';

const dayMs = 86_400_000;
const board = (id: string) => {
  const found = boards.find((one) => one.id === id);
  if (!found) throw new Error(`there is no board ${id}`);
  return found;
};

/** Some panels of a report, as its own page shows them; undefined for readers the report is not for. */
export async function panelsOf(
  event: PageEvent,
  boardId: string,
  panelIds: readonly string[],
  fallback: Preset
): Promise<ShownBoard | undefined> {
  const whole = board(boardId);
  const run = runOf(event, 'overview', fallback);
  if (!whole.roles.includes(run.reader.role)) return undefined;
  return runBoard({ ...whole, panels: whole.panels.filter(({ id }) => panelIds.includes(id)) }, run);
}

/** The platform as a row of systems, each modality group of the chosen sites as one. */
export async function systemsOf(reader: Reader, sites: readonly string[], now: Date) {
  const { client, config } = context();
  const { group } = config;
  const bounds = { scope: reader.scope, from: new Date(now.getTime() - dayMs), to: now };
  const [quarters, heard, modalities, measured] = await Promise.all([
    probeQuarters.ask(client, bounds),
    feeds.ask(client, bounds),
    modalityTraffic.ask(client, bounds),
    availability(board('sla'), { client, config: group, scope: reader.scope, now })
  ]);
  const objectives = objectivesOf(reader, group);
  const objectiveOf = new Map(
    objectives.map((one) => [one.system, measured.find((m) => m.objective === one.id)])
  );
  const systems = systemsSeen(reader, group)
    .filter(({ kind }) => !['modality', 'other'].includes(kind))
    .map((system) => {
      const mine = quarters.filter((one) => one.system === system.id);
      const recent = mine.filter((one) => now.getTime() - one.at.getTime() < 1_200_000);
      const failing = recent.length > 0 && recent.at(-1)?.successes === 0;
      const failed = mine
        .filter((one) => now.getTime() - one.at.getTime() < 7_200_000)
        .reduce((sum, one) => sum + one.checks - one.successes, 0);
      const feed = heard.find((one) => one.source === system.id);
      const quartersOf = strip(mine, now);
      const state = platformState(
        {
          quarters: quartersOf,
          failed,
          failing,
          lastAt: feed?.last_at,
          silenceMinutes: system.silence_minutes
        },
        now
      );
      const objective = objectiveOf.get(system.id);
      return {
        id: system.id,
        name: system.name,
        state,
        quarters: quartersOf,
        received: feed?.received ?? 0,
        lastAt: feed?.last_at,
        available: objective?.available ?? null,
        target: objective?.target ?? null
      };
    });
  const groups = group.sites
    .filter((site) => reader.scope.includes(site.establishment) && sites.includes(site.id))
    .map((site) => {
      const mine = group.systems.filter((system) => system.kind === 'modality' && system.site === site.id);
      const speaking = modalities.filter((one) => mine.some((system) => system.id === one.system));
      return {
        site: site.name,
        all: mine.length,
        speaking: speaking.length,
        received: speaking.reduce((sum, one) => sum + one.received, 0),
        lastAt: speaking.map((one) => one.last_at).sort((a, b) => b.getTime() - a.getTime())[0] // prettier-ignore
      };
    })
    .filter(({ all }) => all > 0);
  const newest = Math.max(0, ...heard.map((one) => one.last_at.getTime()));
  const budgets = objectives.flatMap((one) => {
    const told = measured.find((m) => m.objective === one.id);
    return told ? [{ id: one.id, name: one.name, left: told.left_minutes, share: told.left_share }] : [];
  });
  return { systems, groups, budgets, newest: newest > 0 ? new Date(newest) : undefined };
}

/** Pools, the fullest soonest first. */
export async function poolsOf(reader: Reader, now: Date) {
  const { client, config } = context();
  return pools(board('storage'), { client, config: config.group, scope: reader.scope, now });
}

/** Acts of the part of the log the reader's role opens, and how far the signed log goes. */
export async function logOf(reader: Reader, view: View) {
  const { client, config } = context();
  const { from, to, sites, scope } = view;
  const { lane, codes } = logPart(reader.role);
  const [kinds, [chain]] = await Promise.all([
    accessKinds.ask(client, { scope, sites, from, to, lane, codes }),
    chains.ask(client, {
      scope,
      from: new Date(to.getTime() - 400 * dayMs),
      to: new Date(to.getTime() + 60_000)
    })
  ]);
  const names = new Map(config.group.establishments.map((one) => [one.id, one.name]));
  return {
    kinds: kinds.map((one) => ({ ...one, establishment: names.get(one.establishment) ?? '' })),
    emergencies: kinds.reduce((sum, one) => sum + one.emergencies, 0),
    failures: kinds.reduce((sum, one) => sum + one.failures, 0),
    chain: chain && chain.blocks > 0 ? chain : undefined
  };
}

/** Exams of this month's finished days against the same days of last month, by site, and suppliers' objectives of last month. */
export async function directionOf(reader: Reader, now: Date) {
  const { client, config } = context();
  const today = DateTime.fromJSDate(now, { zone: 'Europe/Paris' }).startOf('day');
  const month = today.startOf('month');
  const before = month.minus({ months: 1 });
  const beforeTo = DateTime.min(before.plus({ days: today.day - 1 }), month);
  const bounds = {
    scope: reader.scope,
    from: month.toJSDate(),
    to: today.toJSDate(),
    beforeFrom: before.toJSDate(),
    beforeTo: beforeTo.toJSDate()
  };
  const [exams, measured] = await Promise.all([
    examsBySite.ask(client, bounds),
    availability(board('sla'), { client, config: config.group, scope: reader.scope, now })
  ]);
  const objective = new Map(config.group.objectives.map((one) => [one.id, one]));
  const site = new Map(config.group.sites.map((one) => [one.id, one.name]));
  const suppliers = measured.flatMap((one: Availability) => {
    const declared = objective.get(one.objective);
    return declared?.supplier === undefined
      ? []
      : [
          {
            supplier: declared.supplier,
            service: declared.name,
            last: one.last_available,
            target: one.target
          }
        ];
  });
  return { exams: exams.map((one) => ({ ...one, site: site.get(one.site) ?? one.site })), suppliers };
}
