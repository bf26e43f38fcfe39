import type { Config, System } from '@vigie/schemas';
import type { Reader } from './reader.ts';

/**
 * Systems of vigie.yaml that a reader sees, in its order: those that all sites share, and those of a site of an establishment in the
 * scope. Any other is as if it did not exist: no page, name, place or figure of it. Pure.
 */
export function systemsSeen(
  { scope }: Pick<Reader, 'scope'>,
  { sites, systems }: Pick<Config, 'sites' | 'systems'>
): System[] {
  const mine = new Set(sites.filter((one) => scope.includes(one.establishment)).map(({ id }) => id));
  return systems.filter(({ site }) => site === undefined || mine.has(site));
}

/** One system that a reader sees, by id; undefined where there is none, or none for this reader. Pure. */
export const systemSeen = (
  reader: Pick<Reader, 'scope'>,
  config: Pick<Config, 'sites' | 'systems'>,
  id: string
): System | undefined => systemsSeen(reader, config).find((one) => one.id === id);

/** Objectives of the systems that a reader sees. Pure. */
export function objectivesOf(
  reader: Pick<Reader, 'scope'>,
  config: Pick<Config, 'objectives' | 'sites' | 'systems'>
): Config['objectives'] {
  const seen = new Set(systemsSeen(reader, config).map(({ id }) => id));
  return config.objectives.filter(({ system }) => seen.has(system));
}
