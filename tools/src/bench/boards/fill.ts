import type { TestEngine } from '../../testkit/engine.ts';

/** Weeks of a year, the simulated one counted. */
const weeks = 52;
/** What a larger group has no more of. */
const once = new Set(['ops.probe_result', 'ops.feed_minute', 'ops.signal']);

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Every table of facts of ops: one that a later version adds is filled too. */
async function factsOf(engine: TestEngine): Promise<Table[]> {
  const rows = await engine.rows<{ name: string; columns: [string, string][] }>(
    `SELECT concat(t.database, '.', t.name) AS name, arraySort(groupArray((c.name, c.type))) AS columns
     FROM system.tables AS t INNER JOIN system.columns AS c ON c.database = t.database AND c.table = t.name
     WHERE t.database = 'ops' AND t.engine = 'MergeTree' AND t.name NOT LIKE 'exam_told'
     GROUP BY name HAVING hasAny(groupArray(c.name), ['occurred_at', 'minute']) ORDER BY name`
  );
  return rows.map(({ name, columns }) => ({ name, columns: columns.map(([column, type]) => ({ name: column, type })) }));
} // prettier-ignore

/** Names by which the rooms of a copy are known; shared systems keep theirs. */
export interface Renamed {
  readonly rooms: readonly string[];
  readonly aes: readonly string[];
}

const list = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(', ')})`;

/** A column of a row that is told again, some weeks earlier and by another copy of the group. */
function told(name: string, type: string, copy: number, week: number, { rooms, aes }: Renamed): string {
  if (/Date/.test(type)) return `addWeeks(${name}, -${week})`;
  if (name === 'seq' || name === 'block') return `${name} + ${(copy * 100 + week) * 10_000_000}`;
  if (['accession', 'study', 'order_number'].includes(name)) return `if(${name} = '', '', concat(${name}, '.${copy}.${week}'))`;
  if (copy === 0) return name;
  if (name === 'site' || name === 'actor_site' || name === 'pool') return `if(${name} = '', '', concat(${name}, '-${copy}'))`;
  if (['calling_ae', 'called_ae', 'room'].includes(name)) return `if(${name} IN ${list(aes)}, concat(${name}, '_${copy}'), toString(${name}))`;
  if (name === 'from_system' || name === 'to_system') return `if(${name} IN ${list(rooms)}, concat(${name}, '-${copy}'), toString(${name}))`;
  return name;
} // prettier-ignore

/**
 * Tells the simulated week again: for each week of a year, by each copy of the group. Rollups and exams follow as in life.
 * @param from the first copy, 0 for the group itself, whose last week is there already
 */
export async function fillYear(
  engine: TestEngine,
  { from, to, names }: { readonly from: number; readonly to: number; readonly names: Renamed },
  progress: (sentence: string) => void
): Promise<void> {
  const end = `(SELECT max(occurred_at) FROM ops.exam_event WHERE milestone = 'ended' AND seq < 10000000)`;
  for (const { name, columns } of await factsOf(engine)) {
    const has = (column: string) => columns.some((one) => one.name === column);
    const time = has('occurred_at') ? 'occurred_at' : 'minute';
    // The messages of an exam stay together, whenever they were sent; what else there is, is cut by its time.
    const inWeek = `${time} > ${end} - INTERVAL 7 DAY AND ${time} <= ${end}`;
    const chosen =
      name === 'ops.exam_event'
        ? `accession IN (SELECT accession FROM ${name} WHERE seq < 10000000 AND milestone IN ('ended', 'cancelled') AND ${inWeek})`
        : inWeek;
    for (let copy = from; copy < (once.has(name) ? Math.min(to, 1) : to); copy++)
      for (let week = copy === 0 ? 1 : 0; week < weeks; week++)
        await engine.writer.command({
          query: `INSERT INTO ${name} (${columns.map((one) => one.name).join(', ')})
            SELECT ${columns.map((one) => told(one.name, one.type, copy, week, names)).join(', ')} FROM ${name}
            WHERE ${has('seq') ? 'seq' : 'block'} < 10000000 AND ${chosen}`,
          clickhouse_settings: { insert_deduplicate: 0 }
        });
    progress(`boards: ${name} told again for ${weeks} weeks by copies ${from} to ${to - 1}`);
  }
}
