import type { Panel, Row } from '@vigie/dashboards';
import type { Role } from '@vigie/schemas';

/**
 * Withholds small groups from a role: a count above zero and below the panel's threshold becomes null.
 * @returns the rows, and the thresholds of what is withheld, by `row.column`
 */
export function suppress(
  panel: Pick<Panel, 'suppress'>,
  role: Role,
  rows: readonly Row[]
): { readonly rows: readonly Row[]; readonly withheld: Readonly<Record<string, number>> } {
  const rules = panel.suppress.filter((rule) => rule.roles.includes(role));
  if (rules.length === 0) return { rows, withheld: {} };
  const withheld: Record<string, number> = {};
  const kept = rows.map((row, index) => {
    const shown: Record<string, unknown> = { ...row };
    for (const rule of rules)
      for (const column of rule.columns) {
        const size = row[rule.on ?? column];
        if (typeof size !== 'number' || size <= 0 || size >= rule.below) continue;
        shown[column] = null;
        withheld[`${index}.${column}`] = rule.below;
      }
    return shown;
  });
  return { rows: kept, withheld };
}
