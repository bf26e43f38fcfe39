import type { Panel, Row } from '@vigie/dashboards';
import type { Role } from '@vigie/schemas';
import { withheldCells, type Cell } from './complement.ts';

type Suppressing = Pick<Panel, 'suppress' | 'x' | 'y' | 'series' | 'kind'>;
type Rule = Panel['suppress'][number];

/**
 * Withholds small groups from a role: a count above zero and below the panel's threshold becomes null, others with it so that no
 * total, row or column tells it by subtraction, and so does whatever tells the same number another way.
 * @returns the rows, and the thresholds of what is withheld, by `row.column`
 */
export function suppress(
  panel: Suppressing,
  role: Role,
  rows: readonly Row[]
): { readonly rows: readonly Row[]; readonly withheld: Readonly<Record<string, number>> } {
  const rules = panel.suppress.filter((rule) => rule.roles.includes(role));
  if (rules.length === 0) return { rows, withheld: {} };
  const withheld: Record<string, number> = {};
  const shown: Record<string, unknown>[] = rows.map((row) => ({ ...row }));
  const hide = (at: number, column: string, below: number) => {
    const row = shown[at];
    // What is not told is not withheld; a hidden column may still be what another is told by.
    if (row === undefined || rows[at]?.[column] === null) return;
    row[column] = null;
    withheld[`${at}.${column}`] = below;
  };
  for (const rule of rules)
    for (const column of rule.on === undefined ? rule.columns : [rule.on]) {
      const cells = rows.map((row): Cell => ({
        size: sizeOf(row[column]),
        lines: linesOf(panel, rule, row)
      }));
      for (const at of withheldCells(cells, rule.below))
        for (const one of rule.on === undefined ? [column, ...rule.with] : [...rule.columns, ...rule.with])
          hide(at, one, rule.below);
    }
  return { rows: shown, withheld };
}

const sizeOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Lines a row lies in: what the rule says its sums go by, else the axes of the picture, else the whole panel. */
function linesOf(panel: Suppressing, rule: Rule, row: Row): string[] {
  const axes =
    panel.kind === 'matrix' || panel.kind === 'heat' ? [panel.y, panel.x] : [panel.x, panel.series];
  const drawn = panel.kind === 'bar' || panel.kind === 'table' || panel.kind === 'figure' ? [] : axes;
  const by = rule.by ?? drawn.filter((name) => name !== undefined);
  if (by.length === 0) return [''];
  return by.map((name) => `${name}\n${String(row[name])}`);
}
