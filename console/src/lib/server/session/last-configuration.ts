import type { DatabaseSync } from 'node:sqlite';
import { ConfigDigests } from '@vigie/schemas/config/digests';
import type { LastConfiguration } from '../own-audit/process-life.ts';

/** Digests of the vigie.yaml that the console last took in, in its database. */
export function lastConfiguration(database: DatabaseSync): LastConfiguration {
  return {
    read() {
      const row = database.prepare("SELECT value FROM kept WHERE name = 'vigie.yaml'").get();
      const parsed = row && ConfigDigests.safeParse(JSON.parse(String(row['value'])));
      return parsed?.success ? parsed.data : undefined;
    },
    write(digests) {
      database
        .prepare("INSERT OR REPLACE INTO kept (name, value) VALUES ('vigie.yaml', ?)")
        .run(JSON.stringify(digests));
    }
  };
}
