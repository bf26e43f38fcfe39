import type { ParameterValues } from '@vigie/dashboards';
import type { Config } from '@vigie/schemas';
import { objectivesOf, systemsSeen } from '../access/systems-seen.ts';
import { openings } from './calendar.ts';
import { placesOf } from './nodes.ts';
import type { PanelWindow } from './window.ts';

/** Who asks, about which sites; `sites` is empty when none was chosen. */
export interface Asked {
  readonly scope: readonly string[];
  readonly sites: readonly string[];
  /** The system the page is about. */
  readonly system?: string | undefined;
}

/** Last day of a tariff without end: the last a ClickHouse Date can hold. */
const noEnd = '2149-06-06';

/** How long after a window an exam of it is followed on a calendar's clock, ms. */
const followed = 60 * 86_400_000;

/** Values of everything a board may bind, from the configuration, the reader and the panel's window. */
export function parameterValues(
  config: Config,
  asked: Asked,
  window: PanelWindow,
  now: Date
): ParameterValues {
  const zone = config.organisation.timezone;
  const siteCalendar = new Map(config.sites.map((site) => [site.id, site.calendar ?? '']));
  // Nobody expects images of a site that is not live yet.
  const today = now.toISOString().slice(0, 10);
  const ahead = new Set(config.sites.filter((site) => (site.live_on ?? '') > today).map((site) => site.id));
  const seen = systemsSeen(asked, config);
  const modalities = seen.filter(({ kind }) => kind === 'modality');
  return {
    ...window,
    now,
    tz: zone,
    scope: asked.scope,
    sites: chosenSites(config, asked),
    system: asked.system ?? '',
    tariffs: config.tariffs.map(
      (one) => [one.system, one.tier, one.eur_per_tb_month, one.valid_from, one.valid_to ?? noEnd] as const
    ),
    objectives: objectivesOf(asked, config).map(
      (one) => [one.id, one.probes, one.slice_minutes * 60, one.target_percent, one.calendar ?? ''] as const
    ),
    modalities: modalities
      .filter((system) => !ahead.has(system.site ?? ''))
      .map((system) => [system.id, system.site ?? '', siteCalendar.get(system.site ?? '') ?? ''] as const),
    // Worked out when a board binds them: a year of openings is dear, and few boards do.
    get hours() {
      return hoursOf(config, window);
    },
    get opening() {
      const to = new Date(Math.max(+window.to, Math.min(+now, +window.to + followed)));
      return hoursOf(config, { from: window.from, to });
    },
    targets: config.activity.turnaround.map(
      (one) =>
        [
          one.priority ?? '',
          one.patient_class ?? '',
          one.within_minutes,
          one.percent,
          one.calendar ?? ''
        ] as const
    ),
    rooms: modalities.flatMap((system) =>
      system.ae_titles.map(
        (ae) => [ae, system.id, system.site ?? '', siteCalendar.get(system.site ?? '') ?? ''] as const
      )
    ),
    fees: config.activity.fee_thresholds.map((one) => [one.modality, one.first, one.second] as const),
    archives: seen
      .filter(({ kind }) => ['pacs', 'vna', 'archive'].includes(kind))
      .map(({ id, kind }) => [id, kind] as const),
    buffer: config.activity.buffer_minutes,
    nodes: placesOf(config.systems, seen),
    networks: [...config.sites, ...config.systems].flatMap((one) => one.networks)
  };
}

function hoursOf(
  config: Config,
  { from, to }: Pick<PanelWindow, 'from' | 'to'>
): (readonly [calendar: string, opens: number, closes: number])[] {
  return config.calendars.flatMap((calendar) =>
    openings(calendar, from, to, config.organisation.timezone).map(
      ([opens, closes]) => [calendar.id, opens, closes] as const
    )
  );
}

/** Sites a page reads: those chosen within the reader's scope, else all of them; '' with all, for those who see the group. */
export function chosenSites(config: Config, { scope, sites }: Asked): string[] {
  const mine = config.sites.filter((site) => scope.includes(site.establishment)).map((site) => site.id);
  const chosen = mine.filter((id) => sites.includes(id));
  if (chosen.length > 0) return chosen;
  return scope.includes('') ? [...mine, ''] : mine;
}
