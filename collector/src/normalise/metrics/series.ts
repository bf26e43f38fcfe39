import { Modality } from '@vigie/schemas/facts/record';
import type { Point } from '../../decode/otlp/read.ts';
import type { Directory } from '../directory.ts';
import { originAt } from '../origin.ts';

export const maxUInt32 = 4_294_967_295;

/** What the values of points come to, as a whole number. */
export const total = (points: readonly Point[]) =>
  Math.round(points.reduce((sum, { value }) => sum + value, 0));
/** The time of the latest of them, in ms since 1970. */
export const latest = (points: readonly Point[]) => points.reduce((last, { at }) => Math.max(last, at), 0);

/** Of each series its latest point: an exporter may send several moments of a state at once, and they do not add up. */
export function current(points: readonly Point[]): Point[] {
  const last = new Map<string, Point>();
  for (const point of points) {
    const series = JSON.stringify([point.metric, ...[...point.attributes].toSorted(([a], [b]) => (a < b ? -1 : 1))]); // prettier-ignore
    if ((last.get(series)?.at ?? -Infinity) <= point.at) last.set(series, point);
  }
  return [...last.values()];
}

/** Whole milliseconds of a duration in the unit of its rule: seconds unless it says otherwise. */
export const inMs = (value: number, unit: 'ms' | 's' | undefined) =>
  Math.min(Math.round(unit === 'ms' ? value : value * 1000), maxUInt32);

/** The modality that an attribute names; '' when it names none. */
export function modalityOf(attributes: ReadonlyMap<string, string>, from: string | undefined): string {
  const told = from === undefined ? undefined : attributes.get(from);
  return told !== undefined && Modality.safeParse(told).success ? told : '';
}

/** Where a figure belongs: the site that is told by its id or another name of it, or else the system's own. */
export function placeOf(system: string, told: string | undefined, directory: Directory) {
  const site =
    (told === undefined ? undefined : (directory.siteById(told) ?? directory.siteByAlias(told))?.id) ??
    directory.systemById(system)?.site ??
    '';
  return { site, establishment: originAt(system, site, directory).establishment };
}
