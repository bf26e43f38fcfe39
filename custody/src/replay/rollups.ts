import { z } from 'zod';
import { examsMade } from '@vigie/evidence/derived/exams-made';
import { derivedTables, type Derived } from '@vigie/evidence/derived/views';
import type { ClickHouseClient } from '@vigie/store';
import { ask, change } from '../ask.ts';

/** Every table derived from a table. */
const derivedFrom = async (client: ClickHouseClient, base: string): Promise<Derived[]> =>
  (await derivedTables(client)).filter((one) => one.base === base);

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
  // Whole exams are made of the messages by accession, which are derived themselves: exams come after them.
  for (const derived of all.toSorted((a, b) => Number(a.whole) - Number(b.whole))) {
    if (derived.whole) await examsAgain(client, derived, accessions);
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

/**
 * Makes exams again from the messages that stay, which those that leave lie beside no more; an exam of which none stays is gone.
 * The days of arrival that they leave are made again too: no view sees a row that is deleted.
 */
async function examsAgain(
  client: ClickHouseClient,
  derived: Derived,
  accessions: readonly string[]
): Promise<void> {
  const { target, columns } = derived;
  const ofThem = 'accession IN {accessions:Array(String)}';
  const names = [...columns.keys()].map((column) => `\`${column}\``).join(', ');
  for (let at = 0; at < accessions.length; at += 2000) {
    const some = { accessions: accessions.slice(at, at + 2000) };
    const left = await ask(
      client,
      Name,
      `SELECT DISTINCT toString(day) AS name FROM ${target} WHERE ${ofThem} AND ended_at IS NOT NULL`,
      some
    );
    await change(client, `ALTER TABLE ${target} DELETE WHERE ${ofThem} SETTINGS mutations_sync = 2`, some);
    await change(
      client,
      `INSERT INTO ${target} (${names}) SELECT ${names} FROM (${examsMade(derived).of(ofThem)})`,
      some
    );
    // A day that was told before is told again: it is no repetition of an insert.
    if (left.length > 0)
      await change(
        client,
        'INSERT INTO ops.arrival_due SELECT arrayJoin({days:Array(Date)}) SETTINGS deduplicate_blocks_in_dependent_materialized_views = 0',
        { days: left.map(({ name }) => name) }
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
  const ofLane = columns.has('lane') ? 'lane = {lane:String}' : '1';
  const params = { buckets, lane: staying.lane };
  const inBuckets = `toString(${bucket.column}) IN {buckets:Array(String)} AND ${ofLane}`;
  /** What the view makes of the rows of these hours or days. */
  const madeOf = (rows: string) => {
    const some = `(SELECT * ${from} WHERE toString(${bucket.sql}) IN {buckets:Array(String)} AND ${ofLane} AND ${rows})`;
    return select.replace(from, from.replace(/^FROM (\S+)/, `FROM ${some}`));
  };
  // From the rows, not from their sums: cut short between the two statements below, it finds no sums the next time.
  const further: { readonly derived: Derived; readonly buckets: readonly string[] }[] = [];
  for (const derived of await derivedFrom(client, target)) {
    const sums = { ...derived, from: derived.from.replace(/^FROM (\S+)/, `FROM (${madeOf('1')})`) };
    further.push({ derived, buckets: await bucketsOf(client, sums, { sql: '1', params }) });
  }
  await change(client, `ALTER TABLE ${target} DELETE WHERE ${inBuckets} SETTINGS mutations_sync = 2`, params);
  const names = [...columns.keys()].map((column) => `\`${column}\``).join(', ');
  await change(client, `INSERT INTO ${target} (${names}) SELECT ${names} FROM (${madeOf(staying.sql)})`, {
    ...staying.params,
    ...params
  });
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
