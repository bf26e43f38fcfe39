import type { Account, Config, Role } from '@vigie/schemas';

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
