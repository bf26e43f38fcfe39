import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createWriter, type ClickHouseClient } from '../client.ts';
import { migrationAddress } from './config.ts';

export const structureFile = fileURLToPath(new URL('../../../schemas/ddl/structure.sql', import.meta.url));

const Table = z.object({ name: z.string(), create: z.string() });

/** Every table and view as the engine itself tells them, in a stable order: what `structure.sql` holds. */
export async function structure(client: ClickHouseClient): Promise<string> {
  const result = await client.query({
    query: `SELECT database || '.' || name AS name, formatQuery(create_table_query) AS create FROM system.tables
      WHERE database IN ('audit', 'ops', 'vault') AND name NOT LIKE '.inner%' ORDER BY database, name`,
    format: 'JSONEachRow'
  });
  const tables = z.array(Table).parse(await result.json());
  return `-- Generated from the migrations by store/src/migrate/structure.ts. Do not edit.\n\n${tables.map(({ create }) => `${create};`).join('\n\n')}\n`;
}

if (import.meta.main) {
  const client = createWriter(migrationAddress());
  const now = await structure(client);
  await client.close();
  if (process.argv.includes('--write')) writeFileSync(structureFile, now);
  else if (readFileSync(structureFile, 'utf8') !== now) {
    process.stderr.write(
      'schemas/ddl/structure.sql is not what the migrations make: run store/src/migrate/structure.ts --write\n'
    );
    process.exitCode = 1;
  }
}
