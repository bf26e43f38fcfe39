import type { Reader } from '../access/reader.ts';
import { context } from '../context.ts';
import { readPeriod, type Period, type Preset } from '#lib/period.ts';

/** What a page asks about: whose rows, which sites, when. */
export interface View extends Period {
  readonly scope: readonly string[];
  /** Sites chosen among those of the scope, '' for what is shared or unknown; all of them when none is chosen. */
  readonly sites: readonly string[];
  readonly chosen: readonly string[];
}

/** Width of a histogram column, seconds: about 100 columns, on round steps. Pure. */
export function histogramStep(from: Date, to: Date): number {
  const steps = [900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800];
  const wanted = (to.getTime() - from.getTime()) / 1000 / 110;
  return steps.find((step) => step >= wanted) ?? 604_800;
}

/** Reads period and sites from the URL, within the reader's scope: a site outside it is as if it did not exist. */
export function viewOf(reader: Reader, url: URL, fallback: Preset = '24h', now = new Date()): View {
  const visible = context()
    .config.group.sites.filter((site) => reader.scope.includes(site.establishment))
    .map((site) => site.id);
  const chosen = url.searchParams.getAll('site').filter((site) => visible.includes(site));
  return {
    ...readPeriod(url.searchParams, now, fallback),
    scope: reader.scope,
    sites: chosen.length > 0 ? chosen : [...visible, ''],
    chosen
  };
}
