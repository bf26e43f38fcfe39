import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { clickhouseErrorCode, type ClickHouseClient } from '../client.ts';
import { render, statements, type Layout } from './render.ts';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

const folder = fileURLToPath(new URL('../../../schemas/ddl/', import.meta.url));
const lockTable = 'vigie.migrating';

/** Reads `NNNN-name.sql` in order. @throws {Error} on a gap or a repeated number */
export function readMigrations(from: string = folder): Migration[] {
  const files = readdirSync(from).filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file)).sort(); // prettier-ignore
  return files.map((file, index) => {
    const number = Number(file.slice(0, 4));
    if (number !== index + 1)
      throw new Error(
        `${from}${file} should be number ${String(index + 1).padStart(4, '0')}: migrations have no gaps`
      );
    const sql = readFileSync(`${from}/${file}`, 'utf8');
    return { number, name: file.slice(5, -4), sql, checksum: createHash('sha256').update(sql).digest('hex') };
  });
}

const Applied = z.object({ number: z.number(), name: z.string(), checksum: z.string() });

/** What to do, given what was done. Pure. @throws {Error} when history and files disagree */
export function pending(
  migrations: readonly Migration[],
  applied: readonly z.infer<typeof Applied>[]
): Migration[] {
  for (const done of applied) {
    const file = migrations.find((migration) => migration.number === done.number);
    if (!file)
      throw new Error(
        `Migration ${done.number} (${done.name}) was applied but is not known here: this version is older than the data`
      );
    if (file.checksum !== done.checksum)
      throw new Error(
        `Migration ${done.number} (${done.name}) has changed since it was applied: restore the file, and add a new migration`
      );
  }
  const last = Math.max(0, ...applied.map((done) => done.number));
  const todo = migrations.filter((migration) => !applied.some((done) => done.number === migration.number));
  const late = todo.find((migration) => migration.number < last);
  if (late)
    throw new Error(
      `Migration ${late.number} (${late.name}) is older than ${last}, which was applied already`
    );
  return todo;
}

/**
 * Brings the schema up to date. Every statement is IF NOT EXISTS, so a run that was cut short is simply repeated.
 * Creating a table is the lock: ClickHouse makes it once, and a second runner gets code 57 and gives up with a sentence.
 * @param staleLock take over the lock of a runner that died
 * @returns what was applied now
 */
export async function migrate(
  client: ClickHouseClient,
  options: {
    readonly layout?: Layout;
    readonly staleLock?: boolean;
    readonly migrations?: readonly Migration[];
  } = {}
): Promise<Migration[]> {
  const layout = options.layout ?? { kind: 'node' };
  const run = (query: string) => client.command({ query: render(query, layout) });
  await run('CREATE DATABASE IF NOT EXISTS vigie');
  await run(
    "CREATE TABLE IF NOT EXISTS vigie.migration (number UInt16, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY number SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
  );
  if (options.staleLock) await run(`DROP TABLE IF EXISTS ${lockTable}`);
  await takeLock(client);
  try {
    const result = await client.query({
      query: 'SELECT number, name, checksum FROM vigie.migration ORDER BY number',
      format: 'JSONEachRow'
    });
    const todo = pending(options.migrations ?? readMigrations(), z.array(Applied).parse(await result.json()));
    for (const migration of todo) {
      for (const statement of statements(migration.sql)) await run(statement);
      await client.insert({
        table: 'vigie.migration',
        columns: ['number', 'name', 'checksum'],
        values: [{ number: migration.number, name: migration.name, checksum: migration.checksum }],
        format: 'JSONEachRow'
      });
    }
    return todo;
  } finally {
    await run(`DROP TABLE IF EXISTS ${lockTable}`);
  }
}

async function takeLock(client: ClickHouseClient): Promise<void> {
  try {
    await client.command({
      query: `CREATE TABLE ${lockTable} (since DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY tuple()`
    });
  } catch (error) {
    if (clickhouseErrorCode(error) !== 57) throw error;
    throw new Error(
      `Another migration is running, or one was killed: wait, or run again with --take-over once none runs`,
      { cause: error }
    );
  }
}
