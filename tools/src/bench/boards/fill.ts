import type { TestEngine } from '../../testkit/engine.ts';

/** Weeks of a year, the simulated one counted. */
const weeks = 52;
/** Weeks told by one insert: each pays for every view, whatever it brings. */
const weeksAtOnce = 13;
/** What a larger group has no more of. */
const once = new Set(['ops.probe_result', 'ops.signal', 'audit.event_hourly']);
/** Sequences of the week that was played; what is told again lies above. */
const played = 10_000_000;

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Every table of facts of ops: one that a later version adds is filled too. Of the accesses, what boards read of them: the hourly sums. */
async function factsOf(engine: TestEngine): Promise<Table[]> {
  const rows = await engine.rows<{ name: string; columns: [string, string][] }>(
    `SELECT concat(t.database, '.', t.name) AS name, arraySort(groupArray((c.name, c.type))) AS columns
     FROM system.tables AS t INNER JOIN system.columns AS c ON c.database = t.database AND c.table = t.name
     WHERE t.database = 'ops' AND t.engine = 'MergeTree' AND t.name NOT IN ('exam_told', 'feed_minute') OR t.database = 'audit' AND t.name = 'event_hourly'
     GROUP BY name HAVING hasAny(groupArray(c.name), ['occurred_at', 'hour']) ORDER BY name`
  );
  return rows.map(({ name, columns }) => ({ name, columns: columns.map(([column, type]) => ({ name: column, type })) }));
} // prettier-ignore

/** Names by which the rooms of a copy are known; shared systems keep theirs. */
export interface Renamed {
  readonly rooms: readonly string[];
  readonly aes: readonly string[];
}

const list = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(', ')})`;

/** A column of a row that is told again, `week` weeks earlier and by another copy of the group. */
function told(name: string, type: string, copy: number, { rooms, aes }: Renamed): string {
  if (/^(?:Nullable\()?Date/.test(type)) return `addWeeks(t.${name}, -week)`;
  if (name === 'seq' || name === 'block') return `t.${name} + (${copy * 100} + week) * ${played}`;
  if (['accession', 'study', 'order_number'].includes(name)) return `if(t.${name} = '', '', concat(t.${name}, '.${copy}.', toString(week)))`;
  if (copy === 0) return `t.${name}`;
  if (name === 'site' || name === 'actor_site' || name === 'pool') return `if(t.${name} = '', '', concat(t.${name}, '-${copy}'))`;
  if (['calling_ae', 'called_ae', 'room'].includes(name)) return `if(t.${name} IN ${list(aes)}, concat(t.${name}, '_${copy}'), toString(t.${name}))`;
  if (name === 'from_system' || name === 'to_system') return `if(t.${name} IN ${list(rooms)}, concat(t.${name}, '-${copy}'), toString(t.${name}))`;
  return `t.${name}`;
} // prettier-ignore

/** The rows of the simulated week, which is told again. The messages of an exam stay together, whenever they were sent. */
function ofTheWeek({ name, columns }: Table): string {
  const time = columns.some((one) => one.name === 'occurred_at') ? 'occurred_at' : 'hour';
  const end = `(SELECT max(occurred_at) FROM ops.exam_event WHERE milestone = 'ended' AND seq < ${played})`;
  const inWeek = `${time} > ${end} - INTERVAL 7 DAY AND ${time} <= ${end}`;
  if (name === 'ops.exam_event')
    return `t.seq < ${played} AND t.accession IN (SELECT accession FROM ${name} WHERE seq < ${played} AND milestone IN ('ended', 'cancelled') AND ${inWeek})`;
  return time === 'hour' ? inWeek : `t.seq < ${played} AND ${inWeek}`;
}

/**
 * Tells the simulated week again: for each week of a year, by each copy of the group. Rollups and exams follow as in life.
 * @param from the first copy, 0 for the group itself, whose last week is there already
 */
export async function fillYear(
  engine: TestEngine,
  { from, to, names }: { readonly from: number; readonly to: number; readonly names: Renamed },
  progress: (sentence: string) => void
): Promise<void> {
  for (const table of await factsOf(engine)) {
    const { name, columns } = table;
    for (let copy = from; copy < (once.has(name) ? Math.min(to, 1) : to); copy++)
      for (let week = copy === 0 ? 1 : 0; week < weeks; week += weeksAtOnce)
        await engine.writer.command({
          query: `INSERT INTO ${name} (${columns.map((one) => one.name).join(', ')})
            SELECT ${columns.map((one) => told(one.name, one.type, copy, names)).join(', ')}
            FROM ${name} AS t ARRAY JOIN range(${week}, ${Math.min(week + weeksAtOnce, weeks)}) AS week WHERE ${ofTheWeek(table)}`,
          clickhouse_settings: { insert_deduplicate: 0 }
        });
    progress(`boards: ${name} told again for ${weeks} weeks by copies ${from} to ${to - 1}`);
  }
  if (from === 0) await fillMinutes(engine);
}

/** Every minute of the year has something of every source that was heard: what a week played in a minute has not. */
async function fillMinutes(engine: TestEngine): Promise<void> {
  await engine.writer.command({
    query: `INSERT INTO ops.feed_minute (minute, lane, collector, block, source, site, establishment, transport, received, stored, bytes, last_at, retention)
      SELECT addMinutes(f.start, -m) AS minute, f.lane, f.collector, m + ${played} AS block, f.source, f.site, f.establishment, f.transport, 30, 30, 30000, minute, f.retention
      FROM (SELECT lane, collector, source, any(site) AS site, any(establishment) AS establishment, transport, any(retention) AS retention, max(minute) AS start
          FROM ops.feed_minute WHERE block < ${played} AND NOT startsWith(source, 'unknown') GROUP BY lane, collector, source, transport) AS f
        CROSS JOIN (SELECT number AS m FROM numbers(1, ${weeks * 7 * 24 * 60})) AS n`,
    clickhouse_settings: { insert_deduplicate: 0 }
  });
}
