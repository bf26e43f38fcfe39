import { createHash } from 'node:crypto';
import { isFactTable } from '@vigie/schemas/fact-tables';
import type { TableName } from '@vigie/schemas/tables';
import type { Plan, PlannedInsert } from '../pipeline/plan.ts';

/** Most that one insert a table may hold: plans, and bytes of all their rows. */
export const groupLimits = { plans: 4, bytes: 40_000_000 } as const;

/** Rows of several plans for one table, sent as one insert with a token that names them all. */
export interface JoinedInsert {
  readonly table: TableName;
  readonly columns: readonly string[] | undefined;
  readonly token: string;
  readonly parts: readonly PlannedInsert[];
}

/**
 * The plans, from the first on, that may be stored as one. Each has facts of the same one table, none of them in it yet: either
 * all of these facts are in or none, so that a group of which a row is refused can be stored plan by plan after all.
 */
export function joinable(plans: Iterable<Plan>): Plan[] {
  const joined: Plan[] = [];
  let bytes = 0;
  for (const plan of plans) {
    const facts = factsOf(plan);
    bytes += plan.inserts.reduce((sum, { body }) => sum + body.length, 0);
    const fits = facts !== undefined && facts === (joined[0] ? factsOf(joined[0]) : facts);
    if (joined.length > 0 && (!fits || bytes > groupLimits.bytes)) break;
    joined.push(plan);
    if (!fits || joined.length === groupLimits.plans) break;
  }
  return joined;
}

/** The one table of facts of a plan and its columns, or undefined where there is none, more than one, or what is in already. */
function factsOf({ inserts }: Plan): string | undefined {
  const facts = inserts.filter(({ table }) => isFactTable(table));
  const [only] = facts;
  return facts.length === 1 && only?.done === false ? nameOf(only) : undefined;
}

const nameOf = ({ table, columns }: PlannedInsert) => `${table}(${columns?.join() ?? ''})`;

/** Inserts of all plans: facts first, headers last, as in each of them. */
export function joinInserts(plans: readonly Plan[]): JoinedInsert[] {
  const byName = new Map<string, PlannedInsert[]>();
  for (const insert of plans.flatMap(({ inserts }) => inserts)) {
    const parts = byName.get(nameOf(insert));
    if (parts) parts.push(insert);
    else byName.set(nameOf(insert), [insert]);
  }
  return [...byName.values()].toSorted((a, b) => rank(a) - rank(b)).flatMap(joinedInsert);
}

/** Facts, then the rest, then headers. */
const rank = ([one]: readonly PlannedInsert[]) =>
  one === undefined || isFactTable(one.table) ? 0 : one.table === 'audit.block' ? 2 : 1;

function joinedInsert(parts: readonly PlannedInsert[]): JoinedInsert[] {
  const [one] = parts;
  if (one === undefined) return [];
  const digest = createHash('sha256').update(parts.map(({ token }) => token).join('\n')).digest('hex').slice(0, 32); // prettier-ignore
  // A table that only one of the plans has rows for is sent as that plan would.
  const token = parts.length === 1 ? one.token : `${one.table}:${parts.length} blocks:${digest}`;
  return [{ table: one.table, columns: one.columns, token, parts }];
}
