import { z } from 'zod';
import type { ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';

/** A table that a materialised view fills from another one. */
interface Derived {
  readonly target: string;
  readonly select: string;
  readonly columns: readonly string[];
  /** How its SELECT reads the table: `FROM base`, or `FROM base AS alias`. */
  readonly from: string;
  /** Its rows are made of all messages of one exam, those of other inserts too. */
  readonly whole: boolean;
  /** Column and expression of the time that sums are cut by; undefined for a table that holds rows by their sequence. */
  readonly bucket: { readonly column: string; readonly sql: string } | undefined;
}

const ViewRow = z.object({ select: z.string(), target: z.string(), columns: z.array(z.string()) });

/** Every table derived from a table, as the engine tells it: one that a later version adds is not forgotten. */
async function derivedFrom(client: ClickHouseClient, base: string): Promise<Derived[]> {
  const rows = await ask(
    client,
    ViewRow,
    `SELECT v.as_select AS select, extract(v.create_table_query, ' TO ([a-z_.]+)') AS target,
       arrayMap(one -> one.2, arraySort(groupArray((c.position, c.name)))) AS columns
     FROM system.tables AS v INNER JOIN system.columns AS c ON c.database = v.database AND c.table = v.name
     WHERE v.engine = 'MaterializedView' AND position(concat(v.as_select, ' '), concat('FROM ', {base:String}, ' ')) > 0
     GROUP BY select, target`,
    { base }
  );
  return rows.map((row) => {
    const from = new RegExp(`FROM ${base}(?: AS \\w+)?(?= |$)`).exec(row.select)?.[0] ?? `FROM ${base}`;
    const told = /^SELECT\s+(to\w+\(.*?\)) AS (hour|day|minute)\b/.exec(row.select);
    const byRow = ['lane', 'collector', 'seq', 'sub'].every((column) => row.columns.includes(column));
    const whole = ['accession', 'version'].every((column) => row.columns.includes(column));
    if (!byRow && !whole && !told)
      throw new Error(`the table ${row.target} cannot be put right after a replay`);
    return {
      ...row,
      from,
      whole,
      bucket: byRow || !told ? undefined : { sql: told[1] ?? '', column: told[2] ?? '' }
    };
  });
}

/** Rows of one base table that leave, of one chain. Sequences and places are whole numbers of ours. */
export interface Leaving {
  readonly collector: string;
  readonly lane: string;
  readonly keys: readonly (readonly [seq: number, sub: number])[];
}

const keyList = (keys: Leaving['keys']) => keys.map(([seq, sub]) => `(${seq}, ${sub})`).join(', ');
const leaves = ({ keys }: Leaving) =>
  `collector = {collector:String} AND lane = {lane:String} AND (seq, sub) IN (${keyList(keys)})`;

const Name = z.object({ name: z.string() });

/** Hours or days of a derived table that rows of its source are in. */
async function bucketsOf(
  client: ClickHouseClient,
  { from, bucket }: Derived,
  where: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> }
): Promise<string[]> {
  const rows = await ask(
    client,
    Name,
    `SELECT DISTINCT toString(${bucket?.sql ?? ''}) AS name ${from} WHERE ${where.sql}`,
    where.params
  );
  return rows.map(({ name }) => name);
}

/**
 * Takes rows out of everything derived from their table, before they leave it: sums of the hours or days they are in are made again
 * from the rows that stay. Asked for again, it comes to the same.
 */
export async function leaveDerived(client: ClickHouseClient, base: string, leaving: Leaving): Promise<void> {
  const where = { sql: leaves(leaving), params: { collector: leaving.collector, lane: leaving.lane } };
  const all = await derivedFrom(client, base);
  const accessions = all.some(({ whole }) => whole) ? await accessionsOf(client, base, where) : [];
  // What is made of whole exams reads the rows by accession, so it comes after them.
  for (const derived of all.toSorted((a, b) => Number(a.whole) - Number(b.whole))) {
    if (derived.whole) await examsAgain(client, derived, base, { ...where, accessions });
    else if (!derived.bucket) {
      const { target } = derived;
      await change(
        client,
        `ALTER TABLE ${target} DELETE WHERE ${where.sql} SETTINGS mutations_sync = 2`,
        where.params
      );
    } else {
      const buckets = await bucketsOf(client, derived, where);
      await sumAgain(client, derived, buckets, {
        sql: `NOT (${where.sql})`,
        params: where.params,
        lane: leaving.lane
      });
    }
  }
}

interface Where {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

async function accessionsOf(client: ClickHouseClient, base: string, where: Where): Promise<string[]> {
  const rows = await ask(
    client,
    Name,
    `SELECT DISTINCT accession AS name FROM ${base} WHERE accession != '' AND ${where.sql}`,
    where.params
  );
  return rows.map(({ name }) => name);
}

/** Makes the exams that rows leave again from the rows that stay; an exam of which none stays is gone. */
async function examsAgain(
  client: ClickHouseClient,
  { target, select, columns }: Derived,
  base: string,
  { sql, params, accessions }: Where & { readonly accessions: readonly string[] }
): Promise<void> {
  for (let at = 0; at < accessions.length; at += 2000) {
    const some = { ...params, accessions: accessions.slice(at, at + 2000) };
    const ofThem = 'accession IN {accessions:Array(String)}';
    await change(client, `ALTER TABLE ${target} DELETE WHERE ${ofThem} SETTINGS mutations_sync = 2`, some);
    const names = columns.map((column) => `\`${column}\``).join(', ');
    const source = `FROM (SELECT * FROM ${base} WHERE ${ofThem} AND NOT (${sql})) `;
    await change(
      client,
      `INSERT INTO ${target} (${names}) SELECT ${names} FROM (${`${select} `.replaceAll(`FROM ${base} `, source)})`,
      some
    );
  }
}

/** Makes sums of some hours or days again, then the sums of these sums, which saw those rows leave and enter. */
async function sumAgain(
  client: ClickHouseClient,
  { target, select, columns, from, bucket }: Derived,
  buckets: readonly string[],
  staying: {
    readonly sql: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly lane: string;
  }
): Promise<void> {
  if (!bucket || buckets.length === 0) return;
  // Other lanes are left alone: what is stored there meanwhile, such as Vigie's own audit of this replay, is counted already.
  const ofLane = columns.includes('lane') ? 'lane = {lane:String}' : '1';
  const inBuckets = {
    sql: `toString(${bucket.column}) IN {buckets:Array(String)} AND ${ofLane}`,
    params: { buckets, lane: staying.lane }
  };
  const further: { readonly derived: Derived; readonly buckets: readonly string[] }[] = [];
  for (const derived of await derivedFrom(client, target))
    further.push({ derived, buckets: await bucketsOf(client, derived, inBuckets) });
  await change(
    client,
    `ALTER TABLE ${target} DELETE WHERE ${inBuckets.sql} SETTINGS mutations_sync = 2`,
    inBuckets.params
  );
  const names = columns.map((column) => `\`${column}\``).join(', ');
  const rows = `(SELECT * ${from} WHERE toString(${bucket.sql}) IN {buckets:Array(String)} AND ${ofLane} AND ${staying.sql})`;
  const source = from.replace(/^FROM (\S+)/, `FROM ${rows}`);
  await change(
    client,
    `INSERT INTO ${target} (${names}) SELECT ${names} FROM (${select.replace(from, source)})`,
    { ...staying.params, ...inBuckets.params }
  );
  for (const one of further)
    await sumAgain(client, one.derived, one.buckets, { sql: '1', params: {}, lane: staying.lane });
}

/** Takes the rows out of their table. */
export async function leaveBase(client: ClickHouseClient, base: string, leaving: Leaving): Promise<void> {
  const { collector, lane } = leaving;
  await change(client, `ALTER TABLE ${base} DELETE WHERE ${leaves(leaving)} SETTINGS mutations_sync = 2`, {
    collector,
    lane
  });
}
