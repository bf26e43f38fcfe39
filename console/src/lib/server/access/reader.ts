import type { Account, Config, Role, System } from '@vigie/schemas';

/** Who reads: an account of vigie.yaml with its session. */
export interface Reader {
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  /** Establishments whose rows this reader may see; '' stands for rows whose establishment is shared or unknown. */
  readonly scope: readonly string[];
  readonly language: 'fr' | 'en';
  readonly mustChangePassword: boolean;
}

/**
 * Establishments of an account. Rows of shared systems carry '' and belong to no controller alone: those who see the whole
 * group see them, and technical rows without person or patient are seen by all through their own queries.
 */
export function scopeOf(account: Account, config: Config): string[] {
  if (account.establishments === 'all') return [...config.establishments.map((one) => one.id), ''];
  return [...account.establishments];
}

/** Whether a system is a reader's to see: one shared by all sites, or one of a site of an establishment in the scope. Pure. */
export function seesSystem(
  { scope }: Pick<Reader, 'scope'>,
  system: Pick<System, 'site'>,
  { sites }: Pick<Config, 'sites'>
): boolean {
  if (system.site === undefined) return true;
  return scope.includes(sites.find(({ id }) => id === system.site)?.establishment ?? '');
}

/** Objectives of the systems that a reader sees. Pure. */
export function objectivesOf(
  reader: Pick<Reader, 'scope'>,
  config: Pick<Config, 'objectives' | 'sites' | 'systems'>
): Config['objectives'] {
  const hidden = new Set(
    config.systems.filter((system) => !seesSystem(reader, system, config)).map(({ id }) => id)
  );
  return config.objectives.filter(({ system }) => !hidden.has(system));
}
