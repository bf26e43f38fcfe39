import type { Config } from '@vigie/schemas';
import { group } from '#lib/reports/report.ts';

/** Establishments that a report reads: that of its site, or all, with what is shared. */
export function scopeOf(config: Config, subject: string): string[] {
  if (subject === group) return [...config.establishments.map(({ id }) => id), ''];
  const site = config.sites.find(({ id }) => id === subject);
  return site ? [site.establishment] : [];
}

/** Reports a reader may read: each site within the scope, and the group for those who see all of it. */
export function subjectsOf(config: Config, scope: readonly string[]): string[] {
  const sites = config.sites.filter(({ establishment }) => scope.includes(establishment)).map(({ id }) => id);
  const all = config.establishments.every(({ id }) => scope.includes(id));
  return all ? [group, ...sites] : sites;
}
